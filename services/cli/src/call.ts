import type { ExitCode } from "./exit-code.ts";
import type { World } from "./world.ts";

/** One command line, taken apart: what a verb gets. Each verb reads its own flags by its own schema. */
export interface Call {
  readonly world: World;
  /** What is no flag, in order. */
  readonly args: readonly string[];
  readonly flags: unknown;
  /** Whether `--` stood among them: what follows is a command of the user's. */
  readonly dashed?: boolean;
}

/** A verb's module, loaded only when the verb is used. */
export interface VerbModule {
  run(call: Call): Promise<ExitCode>;
}
