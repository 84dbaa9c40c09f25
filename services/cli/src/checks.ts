import type { Check } from "./check.ts";
import { check } from "./check.ts";
import { resolveKubernetes } from "./kubernetes.ts";
import { requireNats, type Settings } from "./settings.ts";
import { findStack } from "./stack.ts";
import type { World } from "./world.ts";

export async function checkTemporal(settings: Settings): Promise<readonly Check[]> {
  const { everyQueueServed, connect } = await import("@slipway/client");
  const { address } = settings.temporal;
  const client = await connect(settings).catch((error: unknown) => error);
  void everyQueueServed;
  void check;
  void resolveKubernetes;
  void requireNats;
  void findStack;
  void address;
  void client;
  return [];
}
export async function checkNats(_settings: Settings): Promise<readonly Check[]> {
  return [];
}
export async function checkKubernetes(_world: World, _flags: object): Promise<readonly Check[]> {
  return [];
}
