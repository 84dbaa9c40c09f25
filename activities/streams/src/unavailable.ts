/** NATS did not take or give something within the time allowed. Nothing is known to be lost: the caller may try again. */
export class StreamsUnavailable extends Error {
  override readonly name = "StreamsUnavailable";
}
