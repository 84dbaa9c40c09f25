import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../../..");
const SLIPWAY = resolve(ROOT, "services/cli/bin/slipway.js");

export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command under way, with what it has printed so far. Its owner stops it. */
export interface Command {
  readonly child: ChildProcess;
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly finished: Promise<Finished>;
  /** Ends it (SIGTERM unless told) and waits until it is gone. */
  stop(signal?: NodeJS.Signals): Promise<Finished>;
}

/** `slipway ARGS`, from the root of the checkout, with nothing of our own environment but PATH and what is given. */
export function slipway(args: readonly string[], env: Record<string, string>): Command {
  return start(process.execPath, [SLIPWAY, ...args], env);
}

export function start(command: string, args: readonly string[], env: Record<string, string>): Command {
  const child = spawn(command, args, {
    cwd: ROOT,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, NO_COLOR: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const out = collect(child.stdout);
  const err = collect(child.stderr);
  const finished = once(child, "close").then(([code, signal]: unknown[]): Finished => {
    return {
      code: typeof code === "number" ? code : -1,
      stdout: out(),
      stderr: typeof signal === "string" ? `${err()}[${signal}]` : err(),
    };
  });
  const stop = (signal: NodeJS.Signals = "SIGTERM"): Promise<Finished> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    return finished;
  };
  return { child, stdout: out, stderr: err, finished, stop };
}

function collect(stream: NodeJS.ReadableStream): () => string {
  let text = "";
  stream.setEncoding("utf8");
  stream.on("data", (chunk: string) => {
    text += chunk;
  });
  return () => text;
}
