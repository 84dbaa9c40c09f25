import { problem, renderProblem, SlipwayError } from "@slipway/dag";
import { CommanderError } from "commander";
import { EXIT, type ExitCode } from "./exit-code.ts";
import type { World } from "./world.ts";

/** Problems that are the caller's own: a wrong flag, a DAG that is refused. */
const USAGE = new Set(["usage", "not-yet"]);

/** Says what failed on stderr, and gives the exit code. A stack is printed only with SLIPWAY_DEBUG=1. */
export function reportFailure(error: unknown, { env, err }: Pick<World, "env" | "err">): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  const known = error instanceof SlipwayError ? error : unexpected(error);
  err.write(`${known.problems.map((each) => renderProblem(each)).join("\n\n")}\n${explainHint(known)}`);
  if (env["SLIPWAY_DEBUG"] === "1") err.write(`\n${stackOf(error)}\n`);
  return known.problems.every(({ code }) => USAGE.has(code)) ? EXIT.usage : EXIT.failed;
}

function explainHint({ problems }: SlipwayError): string {
  const codes = [...new Set(problems.map(({ code }) => code))];
  return `  more: slipway explain ${codes.slice(0, 3).join(" ")}\n`;
}

function unexpected(error: unknown): SlipwayError {
  const text = error instanceof Error ? error.message : String(error);
  return new SlipwayError([problem("unexpected", text.slice(0, 2000) || "an error without a message")], {
    cause: error,
  });
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : `\ncaused by: ${stackOf(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}

/** A wrong argument of the command itself; exit code 2. */
export function usageError(what: string, fix?: string): SlipwayError {
  return new SlipwayError([problem("usage", what, fix === undefined ? {} : { fix })]);
}
