/** gRPC NOT_FOUND */
const NOT_FOUND = 5;

/** Whether the server knows no such thing. */
export function isNotFound(error: unknown): boolean {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    if (Reflect.get(at, "code") === NOT_FOUND) return true;
  }
  return false;
}
