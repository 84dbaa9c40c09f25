import { Suggester } from "@slipway/dag";
import type { Call } from "../call.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { CODES, explanationOf } from "../explanations.ts";
import { usageError } from "../failure.ts";
import { fieldExplanations, nearField } from "../field-explanations.ts";
import { OTHER_NAMES, otherExplanations } from "../other-explanations.ts";
import { type Style, styleFor } from "../style.ts";

/** Prints what each code means, why it is so and how to mend it; of a field, event, variable, function or setting what it is. */
export async function run({ world, args }: Call): Promise<ExitCode> {
  const style = styleFor(world.env, world.out);
  const texts = args.flatMap((name) => {
    const found = [...codeTexts(name), ...fieldExplanations(name), ...otherExplanations(name)];
    if (found.length === 0)
      throw usageError(
        `there is no field, code, event, variable, function or setting ${JSON.stringify(name)}`,
        suggestion(name),
      );
    return found.map((text) => bold(style, text));
  });
  world.out.write(texts.join("\n"));
  return EXIT.ok;
}

function codeTexts(code: string): readonly string[] {
  const found = explanationOf(code);
  return found === undefined ? [] : [`${code}: ${found.summary}\n  why: ${found.why}\n  fix: ${found.fix}\n`];
}

/** What stands before the first colon. */
function bold(style: Style, text: string): string {
  const end = text.indexOf(":");
  return `${style.bold(text.slice(0, end))}${text.slice(end)}`;
}

function suggestion(name: string): string {
  const near = nearField(name) ?? new Suggester().suggest(name, [...CODES, ...OTHER_NAMES]);
  const all = `fields: docs/reference/dag-file.md; codes: ${CODES.join(", ")}`;
  return near === undefined ? all : `did you mean ${near}?`;
}
