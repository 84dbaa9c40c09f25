import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestStack } from "./stack.ts";

/** A way to a cluster's API server that a test can break. Its owner closes it. */
export interface BrokenWay {
  /** A kubeconfig whose server is this way. */
  readonly kubeconfig: string;
  /** Resets every connection that is open. */
  cut(): void;
  close(): Promise<void>;
}

/** Passes bytes on, encrypted as they are, between a free port and the stack's API server. */
export async function brokenWay({ kubeconfig }: Pick<TestStack, "kubeconfig">): Promise<BrokenWay> {
  const text = await readFile(kubeconfig, "utf8");
  const address = /https:\/\/127\.0\.0\.1:(\d+)/.exec(text);
  if (address === null) throw new Error("the node's API server is not on a loopback port");
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    const far = connect(Number(address[1]), "127.0.0.1");
    for (const [one, other] of [
      [socket, far],
      [far, socket],
    ] as const) {
      open.add(one);
      one.on("error", () => other.resetAndDestroy());
      one.on("close", () => {
        open.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const own = server.address();
  const port = typeof own === "object" && own !== null ? own.port : 0;
  const dir = await mkdtemp(join(tmpdir(), "slipway-way-"));
  const file = join(dir, "kubeconfig");
  await writeFile(file, text.replace(address[0], `https://127.0.0.1:${port}`), { mode: 0o600 });
  const cut = () => {
    for (const socket of open) socket.resetAndDestroy();
  };
  return {
    kubeconfig: file,
    cut,
    async close() {
      cut();
      await new Promise((resolve) => server.close(resolve));
      await rm(dir, { recursive: true, force: true });
    },
  };
}
