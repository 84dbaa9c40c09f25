import { expect, test } from "vitest";
import { faultOf, unreachable } from "./api-error.ts";

const status = (code: number, reason: string, more: object = {}) =>
  JSON.stringify({ kind: "Status", code, reason, message: `said ${code}`, ...more });

test.each([
  [404, status(404, "NotFound"), { kind: "notFound" }],
  [409, status(409, "AlreadyExists"), { kind: "conflict", reason: "AlreadyExists" }],
  [410, status(410, "Expired"), { kind: "expired" }],
  [401, status(401, "Unauthorized"), { kind: "unauthorized" }],
  [403, status(403, "Forbidden"), { kind: "refused", status: 403 }],
  [422, status(422, "Invalid"), { kind: "refused", status: 422 }],
  [400, "strict decoding error", { kind: "refused", status: 400 }],
  [
    429,
    status(429, "TooManyRequests", { details: { retryAfterSeconds: 7 } }),
    { kind: "throttled", retryAfterMs: 7000 },
  ],
  [429, "", { kind: "throttled", retryAfterMs: 1000 }],
  [500, status(500, "InternalError"), { kind: "unavailable" }],
  [503, "<html>a proxy</html>", { kind: "unavailable" }],
  [504, status(504, "Timeout"), { kind: "unavailable" }],
])("%i %s", (code, body, fault) => {
  expect(faultOf(code, body).fault).toEqual(fault);
});

test("the message is the server's own, or the body, or the code; never longer than 1,024", () => {
  expect(faultOf(403, status(403, "Forbidden")).message).toBe("said 403");
  expect(faultOf(503, "overloaded\n").message).toBe("overloaded");
  expect(faultOf(502, "").message).toBe("HTTP 502");
  expect(faultOf(400, "x".repeat(5000)).message).toHaveLength(1024);
});

test("Retry-After counts where the body says nothing", () => {
  expect(faultOf(429, "", "3").fault).toEqual({ kind: "throttled", retryAfterMs: 3000 });
});

test("a connection that fails tells the innermost reason", () => {
  const refused = new AggregateError([new Error("connect ECONNREFUSED 127.0.0.1:6443")]);
  expect(unreachable(refused).message).toBe("the Kubernetes API does not answer: connect ECONNREFUSED 127.0.0.1:6443");
  expect(unreachable(new Error("fetch failed", { cause: new Error("reset") })).message).toContain("reset");
});
