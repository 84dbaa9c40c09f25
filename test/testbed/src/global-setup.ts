import type { TestProject } from "vitest/node";
import { startServers } from "./servers.ts";
import "./stack.ts";

/** Once for all end-to-end tests. What is returned ends the servers. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { stack, close } = await startServers();
  project.provide("slipway", stack);
  return close;
}
