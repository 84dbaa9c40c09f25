/** A message before it has a subject: headers in the order a person sees them, and the body. */
export interface Message {
  readonly headers: readonly HeaderField[];
  readonly body: string | Uint8Array;
}
export type HeaderField = readonly [name: string, value: string];

/** A message as a stream stored it. `header` gives "" where the message has no such header. */
export interface StoredMessage {
  readonly subject: string;
  /** Stream sequence. */
  readonly seq: number;
  /** When it was stored: RFC 3339, by the server's clock. */
  readonly time: string;
  readonly header: (name: string) => string;
  readonly data: Uint8Array;
}
