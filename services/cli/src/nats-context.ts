import { readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { usageError } from "./failure.ts";
import type { NatsSource } from "./nats-settings.ts";
import type { World } from "./world.ts";

const text = z
  .string()
  .optional()
  .transform((value) => value || undefined);
const Context = z.object({
  url: text,
  creds: text,
  user: text,
  password: text,
  token: text,
  ca: text,
  cert: text,
  key: text,
});

/**
 * A context of the nats command, so that both tools log in alike: the one that is named by NATS_CONTEXT, and no other;
 * the one it has selected is never used unasked.
 * @throws SlipwayError `usage`
 */
export function natsContext(env: World["env"]): NatsSource | undefined {
  const name = env["NATS_CONTEXT"] || undefined;
  if (name === undefined) return undefined;
  if (!/^[\w.-]+$/.test(name)) throw usageError(`NATS_CONTEXT is ${JSON.stringify(name)}, which names no context`);
  const folder = env["XDG_CONFIG_HOME"] || path.join(env["HOME"] ?? "", ".config");
  const file = path.join(folder, "nats", "context", `${name}.json`);
  const read = Context.safeParse(jsonIn(file));
  if (read.success) return read.data;
  throw usageError(
    `the NATS context ${file} cannot be used`,
    "see it with `nats context show`, or leave NATS_CONTEXT out",
  );
}

/** Undefined where it cannot be read, or is no JSON: its text, which may hold a password, is in no error. */
function jsonIn(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}
