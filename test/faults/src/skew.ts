/**
 * Loaded into a worker with `--import`: its clock is off by SKEW_MS, and it does not know. Temporal's core is no JavaScript and
 * has the machine's clock all the same, so what it is told in absolute times is told in those.
 */
import { NativeConnection } from "@temporalio/worker";

const offMs = Number(process.env["SKEW_MS"]);
const now = Date.now.bind(Date);
Date.now = () => now() + offMs;

const withDeadline: unknown = Reflect.get(NativeConnection.prototype, "withDeadline");
if (typeof withDeadline !== "function") throw new Error("this worker's connection has no withDeadline");
Reflect.set(NativeConnection.prototype, "withDeadline", function skewed(this: unknown, at: number, call: unknown) {
  return Reflect.apply(withDeadline, this, [at - offMs, call]);
});
