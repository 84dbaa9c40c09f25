import { DefaultLogger, type Logger as TemporalLogger } from "@temporalio/worker";
import { type Logger, pino } from "pino";
import type { WorkerSettings } from "./settings.ts";

/** One JSON line per fact, on stderr: stdout is for data. */
export function workerLog({ installation, logLevel }: WorkerSettings): Logger {
  return pino(
    { level: logLevel ?? "info", base: { installation }, serializers: { error: pino.stdSerializers.err } },
    pino.destination({ fd: 2, sync: true }),
  );
}

/** The SDK's own lines, in the same shape. */
export function temporalLog(log: Logger): TemporalLogger {
  return new DefaultLogger("INFO", ({ level, message, meta }) => {
    const line = { source: "temporal", ...meta };
    switch (level) {
      case "ERROR":
        log.error(line, message);
        break;
      case "WARN":
        log.warn(line, message);
        break;
      case "INFO":
        log.info(line, message);
        break;
      default:
        log.debug(line, message);
    }
  });
}
