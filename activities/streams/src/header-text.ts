/**
 * Text as a NATS header value. NATS forbids CR and LF and trims blanks (ADR-4); CloudEvents percent-encodes everything
 * outside `!`..`~`, and `"` and `%` (HTTP binding §3.1.3.2, which NATS follows). One rule serves all our headers.
 */
export function toHeaderText(text: string): string {
  return Array.from(text.toWellFormed(), (char) => (/[!#$&-~]/.test(char) ? char : percent(char))).join("");
}

function percent(char: string): string {
  return Array.from(new TextEncoder().encode(char), (byte) => `%${hex(byte)}`).join("");
}

function hex(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, "0");
}

/** Undoes `toHeaderText`. A value that is not well-formed (a foreign publisher's) is given back as it is. */
export function fromHeaderText(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
