import { type ChildProcess, fork, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { problem, SlipwayError } from "@slipway/dag";
import { parseAllDocuments } from "yaml";

/** What is built: a file in a child of ours, or whatever a command of the user's prints. */
export type BuildSource =
  | { readonly kind: "file"; readonly file: string }
  | { readonly kind: "command"; readonly command: string; readonly args: readonly string[] };

/** A program that never ends, or prints without end, ends here. */
const LIMITS = { ms: 60_000, bytes: 16_000_000, errorBytes: 4_000 };

/** One build: a value for each DAG. @throws SlipwayError `build-failed` */
export async function evaluate(source: BuildSource, cwd: string): Promise<readonly unknown[]> {
  return source.kind === "file" ? await fromFile(source.file, cwd) : await fromCommand(source, cwd);
}

/**
 * Under Node's permission model: it reads files, and may not write any, start processes or threads, or load native code.
 * It has no environment, so the DAG does not depend on whose shell it is.
 */
async function fromFile(file: string, cwd: string): Promise<readonly unknown[]> {
  const child = fork(fileURLToPath(new URL("child.ts", import.meta.url)), [file], {
    cwd,
    env: {},
    execArgv: ["--permission", "--allow-fs-read=*", "--disable-warning=ExperimentalWarning"],
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  let sent: unknown;
  child.on("message", (message) => {
    sent = message;
  });
  await ended(child, file);
  if (typeof sent !== "string") throw failed(file, "it gave no DAG", "export the DAG as the module's default");
  const built: unknown = JSON.parse(sent);
  return Array.isArray(built) ? built : [built];
}

async function fromCommand({ command, args }: Extract<BuildSource, { kind: "command" }>, cwd: string) {
  const child = spawn(command, args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
  const printed = await ended(child, command);
  const documents = parseAllDocuments(printed);
  const wrong = documents.flatMap(({ errors }) => errors)[0];
  if (wrong !== undefined) throw failed(command, "it printed no JSON", wrong.message.split("\n", 1)[0]);
  return [...documents].map((document): unknown => document.toJS({ maxAliasCount: 0 }));
}

/** Its standard output; whatever happens, the child is gone then. */
async function ended(child: ChildProcess, what: string): Promise<string> {
  const out: Buffer[] = [];
  let bytes = 0;
  let errors = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > LIMITS.bytes) child.kill("SIGKILL");
    else out.push(chunk);
  });
  child.stderr?.on("data", (chunk: Buffer) => {
    errors = `${errors}${chunk.toString()}`.slice(-LIMITS.errorBytes);
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), LIMITS.ms);
  try {
    const end = await new Promise<string | undefined>((resolve) => {
      child.once("error", (error) => resolve(error.message));
      child.once("close", (code, signal) =>
        resolve(code === 0 ? undefined : `it ended with ${signal ?? `exit code ${code}`}`),
      );
    });
    if (end !== undefined) throw failed(what, end, errors.trim() === "" ? undefined : errors.trim());
    return Buffer.concat(out).toString("utf8");
  } finally {
    clearTimeout(timer);
    child.kill("SIGKILL");
  }
}

function failed(what: string, why: string, fix?: string): SlipwayError {
  return new SlipwayError([problem("build-failed", `${what} built no DAG: ${why}`, fix === undefined ? {} : { fix })]);
}
