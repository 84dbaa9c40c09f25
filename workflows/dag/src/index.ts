/** Nouns and pure rules. No Node, no clock, no randomness, no I/O: it runs in workflow code and in browsers. */
export * from "./compiled.ts";
export * from "./errors.ts";
export * from "./events.ts";
export * from "./graph.ts";
export * from "./hash.ts";
export * from "./ids.ts";
export * from "./installation.ts";
export * from "./json.ts";
export * from "./log.ts";
export * from "./names.ts";
export * from "./outcome.ts";
export * from "./report.ts";
export * from "./retry.ts";
export * from "./rules.ts";
export * from "./run-state.ts";
export * from "./subjects.ts";
export * from "./task-spec.ts";
