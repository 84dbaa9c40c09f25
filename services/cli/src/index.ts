export { runCli } from "./cli.ts";
export { EXIT, type ExitCode } from "./exit-code.ts";
export type { Sink, World } from "./world.ts";
