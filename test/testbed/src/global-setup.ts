import type { TestProject } from "vitest/node";
import { startServers } from "./servers.ts";
import "./stack.ts";

/** Once for all end-to-end tests. What is returned ends the servers. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const servers = await startServers();
  project.provide("slipway", servers.stack);
  return async () => await servers.close();
}
