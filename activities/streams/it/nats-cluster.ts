import { once } from "node:events";
import { createServer } from "node:net";
import { OwnNats } from "./nats-server.ts";

/** Three servers that replicate: what a production installation has. Whoever starts it closes it. */
export class NatsCluster {
  readonly servers: readonly OwnNats[];

  private constructor(servers: readonly OwnNats[]) {
    this.servers = servers;
  }

  static async start(binary: string): Promise<NatsCluster> {
    const ports = await freePorts(3);
    const routes = ports.map((port) => `nats://127.0.0.1:${port}`).join(",");
    const own = (port: number) => ["--server_name", `s${port}`, "--cluster", `nats://127.0.0.1:${port}`];
    const flags = (port: number) => ["-js", "--cluster_name", "c", "--routes", routes, ...own(port)];
    return new NatsCluster(await Promise.all(ports.map((port) => OwnNats.start(binary, flags(port)))));
  }

  get urls(): readonly string[] {
    return this.servers.map(({ url }) => url);
  }

  async close(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.close()));
  }
}

async function freePorts(count: number): Promise<readonly number[]> {
  const listeners = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(listeners.map((listener) => once(listener, "listening")));
  const ports = listeners.map((listener) => {
    const address = listener.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  });
  await Promise.all(listeners.map((listener) => once(listener.close(), "close")));
  return ports;
}
