/** Where we tell operators of trouble; pino's logger is one. Fields never hold env values, tokens or headers. */
export interface PodsLog {
  readonly info: (fields: Readonly<Record<string, unknown>>, message: string) => void;
  readonly warn: (fields: Readonly<Record<string, unknown>>, message: string) => void;
}
