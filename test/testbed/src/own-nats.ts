import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "./eventually.ts";

/** A nats-server of the test's own, which it may kill. It keeps its port and its store over `kill` and `start`. */
export class OwnNats {
  readonly #binary: string;
  readonly #dir: string;
  readonly #flags: readonly string[];
  readonly #env: Readonly<Record<string, string>>;
  #port = -1;
  #child: ChildProcess | undefined;

  private constructor(binary: string, dir: string, flags: readonly string[], env: Readonly<Record<string, string>>) {
    this.#binary = binary;
    this.#dir = dir;
    this.#flags = flags;
    this.#env = env;
  }

  /** `env` is what a configuration file may refer to. */
  static async start(
    binary: string,
    flags: readonly string[] = ["-js"],
    env: Readonly<Record<string, string>> = {},
  ): Promise<OwnNats> {
    const server = new OwnNats(binary, await mkdtemp(join(tmpdir(), "slipway-nats-")), flags, env);
    try {
      await server.start();
    } catch (error) {
      await server.close();
      throw error;
    }
    return server;
  }

  get url(): string {
    return `nats://127.0.0.1:${this.#port}`;
  }

  /** Where it does not run already. */
  async start(): Promise<void> {
    if (this.#runs()) return;
    const args = [
      "-a",
      "127.0.0.1",
      "-p",
      String(this.#port),
      "-sd",
      join(this.#dir, "js"),
      "--ports_file_dir",
      this.#dir,
    ];
    const env = { ...process.env, ...this.#env };
    this.#child = spawn(this.#binary, [...args, ...this.#flags], { stdio: "ignore", env });
    const file = `nats-server_${this.#child.pid}.ports`;
    this.#port = await eventually("nats-server listens", async () => {
      const found = (await readdir(this.#dir)).find((name) => name.endsWith(file));
      const text = found === undefined ? "" : await readFile(join(this.#dir, found), "utf8");
      const port = /"nats":\s*\[\s*"(?:nats|tls):\/\/127\.0\.0\.1:(\d+)"/.exec(text)?.[1];
      return port === undefined ? undefined : Number(port);
    });
  }

  /** SIGKILL, and gone. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || !this.#runs()) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }

  #runs(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  async close(): Promise<void> {
    await this.kill();
    await rm(this.#dir, { recursive: true, force: true });
  }
}
