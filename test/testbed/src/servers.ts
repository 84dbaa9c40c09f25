import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createProgress, ensureBuilt, ensureNode, programFolder, startNats, startTemporal } from "@slipway/local";
import { opened } from "./opened.ts";
import type { TestStack } from "./stack.ts";

/** The real servers of one run of tests. Their owner closes them. */
export interface Servers {
  readonly stack: TestStack;
  close(): Promise<void>;
}

/** The shared Kubernetes node (joined, or started), and a Temporal and a NATS server of the caller's own on free ports. */
export async function startServers(): Promise<Servers> {
  return await opened(async (onClose) => {
    const log = createProgress();
    const dir = mkdtempSync(join(tmpdir(), "slipway-servers-"));
    onClose(async () => rmSync(dir, { recursive: true, force: true }));
    const nats = await startNats({ dir: join(dir, "nats"), log });
    onClose(() => nats.stop());
    const temporal = await startTemporal({ dir: join(dir, "temporal"), log });
    onClose(() => temporal.stop());
    // Each test has some time: what it starts by itself is built before.
    await ensureBuilt(["nats-cli", "kwok"], { log });
    const node = await ensureNode({ purpose: "tests", log });
    onClose(() => node.release());
    return {
      stack: {
        kubeconfig: node.kubeconfig,
        context: node.context,
        temporal: { address: temporal.address },
        nats: { url: nats.url },
        binaries: {
          natsServer: join(programFolder("nats-server"), "nats-server"),
          nats: join(programFolder("nats-cli"), "nats"),
          kubectl: join(node.bin, "kubectl"),
        },
      },
    };
  });
}
