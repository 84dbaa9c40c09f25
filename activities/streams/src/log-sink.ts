import type { LogSink, Redact } from "@slipway/dag";
import { Deadline } from "./backoff.ts";
import { Budget } from "./budget.ts";
import { FramePublisher, type FrameWorld } from "./frame-publisher.ts";
import { FrameWriter, LOG_LIMITS, type LogLimits } from "./log-writer.ts";

/**
 * Logs to JetStream. `open` rejects with `LogFenced` where a later watcher writes already, with `StreamsUnavailable`
 * where NATS did not answer in time.
 */
export function logSink(world: FrameWorld, limits: Partial<LogLimits> = {}, redact?: Redact): LogSink {
  const all = { ...LOG_LIMITS, ...limits };
  const shared = { budget: new Budget(all.totalBytes), redact };
  return {
    async open(ref, epoch, checkpoint) {
      const deadline = new Deadline(all.patienceMs);
      const publisher = new FramePublisher(world, ref, epoch, deadline);
      const ended = await publisher.open(checkpoint);
      return new FrameWriter(publisher, deadline, all, ended, shared);
    },
  };
}
