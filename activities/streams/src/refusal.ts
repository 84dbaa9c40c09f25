import { errors } from "@nats-io/nats-core";
import { problem, SlipwayError } from "@slipway/dag";

/** What our user may not do on NATS, as an error of ours: waiting mends it as little as a wrong password. */
export function refusal(error: unknown): SlipwayError | undefined {
  const cause = error instanceof Error ? error.cause : undefined;
  const denied = [error, cause].find((each) => each instanceof errors.PermissionViolationError);
  if (denied === undefined) return undefined;
  const what = `NATS does not let this user ${denied.operation === "publish" ? "publish on" : "subscribe to"} ${denied.subject}`;
  return new SlipwayError([problem("nats-refused", what)], { cause: error });
}
