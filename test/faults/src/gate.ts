/**
 * A place where a proxy stops what comes by, until the test opens it, drops it, or the one who waits is gone. So a kill
 * point is exact: the test acts while the worker stands there, whatever the machine's speed.
 */
export class Gate {
  readonly #held = Promise.withResolvers<void>();
  readonly #end = Promise.withResolvers<"open" | "dropped">();

  /** Resolves once something stands here. */
  get held(): Promise<void> {
    return this.#held.promise;
  }

  /** What stands here goes on, and what comes later passes. */
  open(): void {
    this.#end.resolve("open");
  }

  /** What stands here never goes on: its connection breaks. */
  drop(): void {
    this.#end.resolve("dropped");
  }

  /** For the proxy: true where the message goes on. `gone` resolves when the client is. */
  async pass(gone: Promise<void>): Promise<boolean> {
    this.#held.resolve();
    return (await Promise.race([this.#end.promise, gone])) === "open";
  }
}

/** Rules with a gate each: the first that matches a message stops it. */
export class Gates<Rule extends { readonly matches: (ask: never) => boolean }> {
  #standing: { readonly rule: Rule; readonly gate: Gate }[] = [];
  readonly #retired: Gate[] = [];

  add(rule: Rule): Gate {
    const gate = new Gate();
    this.#standing.push({ rule, gate });
    return gate;
  }

  find(matches: (rule: Rule) => boolean): { readonly rule: Rule; readonly gate: Gate } | undefined {
    return this.#standing.find(({ rule }) => matches(rule));
  }

  /** What is held stays held; what comes later passes. */
  retire(): void {
    for (const { gate } of this.#standing.splice(0)) this.#retired.push(gate);
  }

  /** Takes every gate away. */
  lift(how: "open" | "drop"): void {
    this.retire();
    for (const gate of this.#retired.splice(0)) gate[how]();
  }
}
