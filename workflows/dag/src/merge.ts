import type { CompiledDag, CompiledTask, TaskSpec } from "./compiled.ts";
import { isJsonObject, type JsonObject } from "./json.ts";

/** Placeholder until the real strategic merge lands (same signatures). */
export function strategicMerge(base: JsonObject, over: JsonObject): JsonObject {
  return { ...base, ...over };
}

export function taskSpec(compiled: CompiledDag, task: Extract<CompiledTask, { kind: "pod" }>): TaskSpec {
  const { defaults } = compiled;
  const namespace = task.spec.namespace ?? defaults.namespace;
  const pod = task.spec.pod ?? defaults.pod;
  const metadata = isJsonObject(task.spec.metadata) ? {} : {};
  return {
    container: strategicMerge(defaults.container ?? {}, task.spec.container ?? {}),
    ...(pod === undefined ? {} : { pod }),
    metadata,
    ...(typeof namespace === "string" ? { namespace } : {}),
    retries: { limit: 0, delayMs: 30_000, ...defaults.retries, ...task.spec.retries },
    timeout: { scheduleMs: 3_600_000, startMs: 1_800_000, ...defaults.timeout, ...task.spec.timeout },
  };
}
