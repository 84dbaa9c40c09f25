import { type Problem, problem, renderProblem, SlipwayError } from "@slipway/dag";
import { EXIT, type ExitCode } from "./exit-code.ts";
import type { World } from "./world.ts";

/** The caller's own mistake: a wrong flag, a DAG that is refused. Exit code 2. */
export class UsageError extends SlipwayError {}

/** A wrong argument of the command itself. */
export function usageError(what: string, fix?: string): UsageError {
  return new UsageError([problem("usage", what, fix === undefined ? {} : { fix })]);
}

/** A verb, or a part of one, that this version knows by name only. */
export function notYet(what: string): UsageError {
  const fix = "`slipway --help` lists what there is";
  return new UsageError([problem("not-yet", `${what} is planned but not part of this version`, { fix })]);
}

/** Ctrl-C before there was anything to detach from; the message says what goes on and how to end it. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}

/** What a failure is to a person: a text and an exit code. */
interface Told {
  readonly text: string;
  readonly codes: readonly string[];
  readonly exit: ExitCode;
}

/** Says what failed on stderr, and gives the exit code. A stack is printed only with SLIPWAY_DEBUG=1. */
export function reportFailure(error: unknown, { env, err }: Pick<World, "env" | "err">): ExitCode {
  if (error instanceof Interrupted) {
    err.write(`\n${error.message}\n`);
    return EXIT.detached;
  }
  const { text, codes, exit } = toldOf(error);
  err.write(`${text}\n  more: slipway explain ${[...new Set(codes)].slice(0, 3).join(" ")}\n`);
  if (env["SLIPWAY_DEBUG"] === "1") err.write(`\n${stackOf(error)}\n`);
  return exit;
}

function toldOf(error: unknown): Told {
  const stop = stackStop(error);
  if (stop !== undefined) return stop;
  const problems = error instanceof SlipwayError ? error.problems : unexpected(error);
  const usage = error instanceof UsageError || problems.every(({ code }) => code === "usage");
  const exit = usage ? EXIT.usage : EXIT.failed;
  return { text: renderProblems(problems), codes: problems.map(({ code }) => code), exit };
}

/** The text of `lint`, and of every refusal. */
export function renderProblems(problems: readonly Problem[]): string {
  return problems.map((each) => renderProblem(each)).join("\n\n");
}

/** A StackError of @slipway/local, told by its shape: importing that package would load the local servers. */
function stackStop(error: unknown): Told | undefined {
  if (!(error instanceof Error) || error.name !== "StackError" || !("code" in error)) return undefined;
  const code = String(error.code);
  const exit = code === "StackInterrupted" ? EXIT.detached : EXIT.failed;
  return { text: `error[${code}]: ${error.message}`, codes: [code], exit };
}

function unexpected(error: unknown): readonly Problem[] {
  const text = error instanceof Error ? error.message : String(error);
  return [problem("unexpected", text.slice(0, 2000) || "an error without a message")];
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : `\ncaused by: ${stackOf(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}

/** What went wrong in one line, for a notice. */
export function firstLine(error: unknown): string {
  if (error instanceof SlipwayError) return error.problems[0]?.what ?? error.name;
  return error instanceof Error ? (error.message.split("\n", 1)[0] ?? error.name) : String(error);
}
