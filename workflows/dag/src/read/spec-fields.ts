import type { SpecFields } from "../compiled.ts";
import { parseDuration } from "../duration.ts";
import type { JsonObject } from "../json.ts";
import { containerOf, type Layer } from "./layer.ts";

/** A layer of the file as a layer of a TaskSpec: Kubernetes' words under `container`, durations in milliseconds. */
export function specFields(long: JsonObject, typed: Layer): SpecFields {
  const container = containerOf(long);
  const { pod, metadata, namespace, mainContainer, retries, timeout, exitCodes, cleanup, outputs } = typed;
  const { pool, mutex, priority } = typed;
  return {
    ...(Object.keys(container).length === 0 ? {} : { container }),
    ...(pod === undefined ? {} : { pod }),
    ...(metadata === undefined ? {} : { metadata }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(mainContainer === undefined ? {} : { mainContainer }),
    ...(retries === undefined
      ? {}
      : { retries: retries === null ? null : inMs(retries, { delay: "delayMs", maxDelay: "maxDelayMs" }) }),
    ...(timeout === undefined ? {} : { timeout: timeout === null ? null : inMs(timeout, TIMEOUTS) }),
    ...(exitCodes === undefined ? {} : { exitCodes }),
    ...(cleanup === undefined ? {} : { cleanup: cleanup === null ? null : inMs(cleanup, { after: "afterMs" }) }),
    ...(outputs === undefined ? {} : { outputs }),
    ...(pool === undefined ? {} : { pool }),
    ...(mutex === undefined ? {} : { mutex }),
    ...(priority === undefined ? {} : { priority }),
  };
}

const TIMEOUTS = { attempt: "attemptMs", total: "totalMs", schedule: "scheduleMs", start: "startMs" };

/** Renames fields, and gives durations in milliseconds; null stays, it removes. */
function inMs(fields: JsonObject, names: Readonly<Record<string, string>>): JsonObject {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      names[name] ?? name,
      typeof value === "string" && names[name] !== undefined ? (parseDuration(value) ?? null) : value,
    ]),
  );
}
