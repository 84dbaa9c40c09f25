import type { SlipwayClient } from "@slipway/client";
import type { ConnectionFlags } from "./flags.ts";
import { natsContext } from "./nats-context.ts";
import { loadProfile } from "./profile.ts";
import { resolveSettings, type Settings } from "./settings.ts";
import { findStack } from "./stack.ts";
import type { World } from "./world.ts";

/** Settings from every source there is. @throws SlipwayError `no-address`, `usage` */
export async function loadSettings(world: World, flags: ConnectionFlags): Promise<Settings> {
  const profile = await loadProfile(world.env, flags.profile);
  const stack = await findStack(world);
  return resolveSettings({
    flags,
    env: world.env,
    profile,
    natsContext: natsContext(world.env),
    stack: stack?.addresses,
  });
}

/** Runs `work` with a connected client and closes it on every way out. */
export async function withClient<T>(
  world: World,
  flags: ConnectionFlags,
  work: (client: SlipwayClient, settings: Settings) => Promise<T>,
): Promise<T> {
  const settings = await loadSettings(world, flags);
  const { connect } = await import("@slipway/client");
  const client = await connect(settings);
  try {
    return await work(client, settings);
  } finally {
    await client.close();
  }
}
