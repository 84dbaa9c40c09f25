import { runCli } from "./cli.ts";
import { processWorld } from "./world.ts";

/** Milliseconds for connections to close before the process ends all the same. */
const LINGER_MS = 2_000;

process.exitCode = await runCli(process.argv.slice(2), processWorld());
setTimeout(() => process.exit(), LINGER_MS).unref();
