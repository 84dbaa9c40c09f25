import { Suggester } from "@slipway/dag";
import type { Command, CommanderError } from "commander";
import { type UsageError, usageError } from "./failure.ts";
import { NOT_YET_VERBS } from "./not-yet.ts";

/** What commander says of a command line, told as every other error is; an unknown word gets the known one that is near. */
export function parseError({ message }: CommanderError, program: Command, [first]: readonly string[]): UsageError {
  const what = message.replace(/^error: /, "");
  const verb = program.commands.find((command) => command.name() === first);
  const [, kind, word = ""] = /^unknown (command|option) '(.*)'$/.exec(what) ?? [];
  const known = kind === "command" ? verbs(program) : kind === "option" ? flags(verb ?? program) : [];
  const near = new Suggester().suggest(word, known);
  if (near !== undefined) return usageError(what, `did you mean ${near}?`);
  return usageError(what, verb ? `see \`slipway ${verb.name()} --help\`` : "`slipway --help` lists the commands");
}

function verbs(program: Command): readonly string[] {
  const names = program.commands.map((command) => command.name());
  return ["help", ...names.filter((name) => !NOT_YET_VERBS.some((verb) => verb === name))];
}

function flags({ options }: Command): readonly string[] {
  return ["--help", ...options.flatMap(({ long }) => long ?? [])];
}
