import { existsSync } from "node:fs";
import path from "node:path";
import type { StackInfo } from "@slipway/local";
import type { StackAddresses } from "./settings.ts";
import type { World } from "./world.ts";

const STACK_FILE = path.join(".slipway", "stack.json");

/** A local stack that is up, or was: its root folder and where its servers are. */
export interface FoundStack {
  readonly root: string;
  readonly info: StackInfo;
  readonly addresses: StackAddresses;
}

/** The nearest folder at or above the current one with a stack's file, else the checkout. */
export function stackRoot(
  { cwd, checkout }: Pick<World, "cwd" | "checkout">,
  exists: (file: string) => boolean = existsSync,
): string {
  for (let at = path.resolve(cwd); ; at = path.dirname(at)) {
    if (exists(path.join(at, STACK_FILE))) return at;
    if (path.dirname(at) === at) return checkout;
  }
}

/** Undefined where no `up` has been. */
export async function findStack(world: Pick<World, "cwd" | "checkout">): Promise<FoundStack | undefined> {
  const root = stackRoot(world);
  if (!existsSync(path.join(root, STACK_FILE))) return undefined;
  const { readStack } = await import("@slipway/local");
  const info = readStack(root);
  return info && { root, info, addresses: addressesOf(info) };
}

/** What a connection needs of a stack. */
export function addressesOf({ temporal, nats, kubernetes }: StackInfo): StackAddresses {
  return {
    temporal: { address: temporal.address, ...(temporal.uiUrl && { ui: temporal.uiUrl }) },
    nats: { url: nats.url, given: nats.origin === "given" },
    kubernetes: { kubeconfig: kubernetes.kubeconfig, context: kubernetes.context },
  };
}
