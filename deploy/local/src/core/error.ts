/**
 * Every stop that a person can act on. The message is complete by itself: what stopped, why, and what to do.
 * Bugs stay plain `Error`s.
 */
export class StackError extends Error {
  readonly code: StackErrorCode;
  readonly what: string;
  readonly why: string;
  readonly fix: string;

  constructor(code: StackErrorCode, parts: { what: string; why: string; fix: string }) {
    super(`${parts.what}\n  why: ${parts.why}\n  fix: ${parts.fix}`);
    this.name = "StackError";
    this.code = code;
    this.what = parts.what;
    this.why = parts.why;
    this.fix = parts.fix;
  }
}

/** Stable names, for `slipway explain CODE`. */
export const stackErrorCodes = [
  "StackNoGo",
  "StackNoDisk",
  "StackNoRoot",
  "StackNoPackages",
  "StackForeignKubelet",
  "StackToolFailed",
  "StackTimeout",
  "StackServerDied",
  "StackNoPort",
  "StackUnreachable",
  "StackInterrupted",
  "StackUnsupported",
] as const;
export type StackErrorCode = (typeof stackErrorCodes)[number];

/** What `error` says, whatever was thrown. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The `code` of a Node system error ("ENOENT"), or undefined. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** Throws when `signal` was aborted: called between the steps of long work. */
export function stopIfAborted(signal: AbortSignal | undefined, doing: string): void {
  if (signal?.aborted !== true) return;
  throw new StackError("StackInterrupted", {
    what: `stopped while ${doing}`,
    why: "an interrupt (Ctrl-C) or the caller asked for it",
    fix: "run the same command again: finished builds and images are kept",
  });
}
