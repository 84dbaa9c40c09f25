/** Milliseconds; 0 waits without limit. `headers`: until the answer begins; `body`: between two pieces of it. */
export interface Timeouts {
  readonly headers: number;
  readonly body: number;
}

/** What is asked of an API server, by how long its answer may say nothing. */
export type Answer = "call" | "watch" | "log" | "followed log";

/** Bookmarks come about each minute: a watch this quiet is a dead connection; it is resumed where it was. */
export const SILENCE_MS = 150_000;
const CALL_MS = 30_000;
const LOG_MS = 60_000;

/** How long each kind of answer may be silent where nothing may be longer than `silenceMs`. */
export function timeoutsOf(silenceMs: number): Readonly<Record<Answer, Timeouts>> {
  const headers = Math.min(silenceMs, CALL_MS);
  return {
    call: { headers, body: headers },
    watch: { headers, body: silenceMs },
    log: { headers, body: Math.min(silenceMs, LOG_MS) },
    // Begins with its first line, so a quiet container keeps even the headers waiting (log-leash.ts bounds it).
    "followed log": { headers: 0, body: 0 },
  };
}
