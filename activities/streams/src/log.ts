/** Where this package says what it does; pino's shape. `fields` never hold a secret, a log line or an event's body. */
export interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** The words of an unknown error, without its stack. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
