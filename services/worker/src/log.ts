import type { Redact } from "@slipway/dag";
import { DefaultLogger, type Logger as TemporalLogger } from "@temporalio/worker";
import { type Logger, pino } from "pino";
import type { WorkerSettings } from "./settings.ts";

type Destination = ReturnType<typeof pino.destination>;

/** One JSON line per fact, on stderr: stdout is for data. */
export function workerLog({ installation, logLevel, redact }: WorkerSettings): Logger {
  const stderr = pino.destination({ fd: 2, sync: true });
  return pino(
    { level: logLevel ?? "info", base: { installation }, serializers: { error: pino.stdSerializers.err } },
    redact === undefined ? stderr : redacting(stderr, redact),
  );
}

/** Every text of a line, also what an error or the SDK put there. */
function redacting(destination: Pick<Destination, "write">, redact: Redact): Pick<Destination, "write"> {
  const texts = (_key: string, value: unknown): unknown => (typeof value === "string" ? redact(value) : value);
  return { write: (line) => destination.write(`${JSON.stringify(JSON.parse(line, texts))}\n`) };
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
