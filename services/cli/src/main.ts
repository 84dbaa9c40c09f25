import { enableCompileCache } from "node:module";
import { homedir } from "node:os";
import path from "node:path";

/** Milliseconds for connections to close before the process ends all the same. */
const LINGER_MS = 2_000;

// Compiled code of the libraries is kept: it halves the start of every command that talks to a server. The folder is the
// user's own, because whoever writes there decides what runs.
const { SLIPWAY_CACHE, XDG_CACHE_HOME } = process.env;
enableCompileCache(
  path.join(SLIPWAY_CACHE || path.join(XDG_CACHE_HOME || path.join(homedir(), ".cache"), "slipway"), "compiled"),
);

const { runCli } = await import("./cli.ts");
const { processWorld } = await import("./world.ts");

process.exitCode = await runCli(process.argv.slice(2), processWorld());
// A pipe takes what was written at its reader's pace; only what hangs behind that is left.
process.stdout.write("", () => setTimeout(() => process.exit(), LINGER_MS).unref());
