import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { StackError, stopIfAborted, systemCode } from "./error.ts";

export interface ToolOptions {
  readonly timeoutMs: number;
  readonly cwd?: string;
  /** The whole environment; default: this process's. */
  readonly env?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
  readonly onLine?: (line: string) => void;
  readonly input?: string;
  /** What to do when it fails; default: a hint to run it by hand. */
  readonly fix?: string;
}

interface Ended {
  readonly status: number | string;
  readonly stdout: string;
  readonly tail: readonly string[];
}

const keptLines = 15;
const graceMs = 5000;
const stdoutLimit = 64 * 1024 * 1024;

function killGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // it ended by itself
  }
}

function failure(command: string, args: readonly string[], ended: Ended, fix: string | undefined): StackError {
  return new StackError("StackToolFailed", {
    what: `\`${[command, ...args].join(" ").slice(0, 200)}\` failed`,
    why: `${ended.status}${ended.tail.length === 0 ? "" : `; its last lines:\n    ${ended.tail.join("\n    ")}`}`,
    fix: fix ?? "run the command by hand to see more, then repeat",
  });
}

/** Runs a tool to its end, in a process group of its own that is killed at the time limit. Resolves with its stdout. */
export async function runTool(command: string, args: readonly string[], options: ToolOptions): Promise<string> {
  const ended = await runToEnd(command, args, options);
  if (ended.status === 0) return ended.stdout;
  stopIfAborted(options.signal, `running ${command}`);
  throw failure(command, args, ended, options.fix);
}

/** Like {@link runTool}, but a failure is an answer: undefined. */
export async function tryTool(
  command: string,
  args: readonly string[],
  options: ToolOptions,
): Promise<string | undefined> {
  const ended = await runToEnd(command, args, options);
  return ended.status === 0 ? ended.stdout : undefined;
}

async function runToEnd(command: string, args: readonly string[], options: ToolOptions): Promise<Ended> {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    detached: true, // a group of its own: a time-out or Ctrl-C ends what it started too
    stdio: ["pipe", "pipe", "pipe"],
  });
  const chunks: Buffer[] = [];
  let size = 0;
  const tail: string[] = [];
  const hear = (line: string): void => {
    if (line.trim() === "") return;
    tail.push(line.slice(0, 300));
    if (tail.length > keptLines) tail.shift();
    options.onLine?.(line);
  };
  child.stdout.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size <= stdoutLimit) chunks.push(chunk);
  });
  createInterface({ input: child.stdout }).on("line", hear);
  createInterface({ input: child.stderr }).on("line", hear);
  child.stdin.on("error", () => undefined); // a tool that ended without reading is judged by its status
  child.stdin.end(options.input ?? "");

  let cut: string | undefined;
  const stop = (why: string): void => {
    cut ??= why;
    killGroup(child.pid, "SIGTERM");
    setTimeout(() => killGroup(child.pid, "SIGKILL"), graceMs).unref();
  };
  const timer = setTimeout(() => stop(`no end after ${options.timeoutMs / 1000} s`), options.timeoutMs);
  const onAbort = (): void => stop("interrupted");
  options.signal?.addEventListener("abort", onAbort, { once: true });
  if (options.signal?.aborted === true) onAbort();
  try {
    const status = await new Promise<number | string>((resolve) => {
      child.once("error", (error) =>
        resolve(systemCode(error) === "ENOENT" ? `${command}: not installed` : error.message),
      );
      child.once("close", (code, signal) => resolve(code ?? `ended by ${signal ?? "a signal"}`));
    });
    return {
      status: cut ?? (status === 0 || typeof status === "string" ? status : `exit status ${status}`),
      stdout: Buffer.concat(chunks).toString("utf8"),
      tail,
    };
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener("abort", onAbort);
  }
}
