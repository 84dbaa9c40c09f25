import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import type { StackAddresses } from "./settings.ts";
import type { World } from "./world.ts";

const STACK_FILE = path.join(".slipway", "stack.json");

/** A local stack that is, or was, up: its root folder and where its servers are. */
export interface FoundStack {
  readonly root: string;
  readonly addresses: StackAddresses;
}

const StackSchema = z.object({
  temporal: z
    .object({ address: z.string(), namespace: z.string().exactOptional(), ui: z.string().exactOptional() })
    .exactOptional(),
  nats: z.object({ url: z.string() }).exactOptional(),
  kubernetes: z.object({ kubeconfig: z.string(), context: z.string().exactOptional() }).exactOptional(),
});

/** The nearest folder at or above `cwd` with a stack's file, else the checkout. */
export function stackRoot(
  { cwd, checkout }: Pick<World, "cwd" | "checkout">,
  exists: (file: string) => boolean = existsSync,
): string {
  for (let at = path.resolve(cwd); ; at = path.dirname(at)) {
    if (exists(path.join(at, STACK_FILE))) return at;
    if (path.dirname(at) === at) return checkout;
  }
}

/** Undefined where no `up` has been here. */
export async function findStack(world: Pick<World, "cwd" | "checkout">): Promise<FoundStack | undefined> {
  const root = stackRoot(world);
  try {
    const addresses = StackSchema.safeParse(JSON.parse(readFileSync(path.join(root, STACK_FILE), "utf8"))).data;
    return addresses && { root, addresses };
  } catch {
    return undefined;
  }
}
