import { Suggester } from "@slipway/dag";
import type { Call } from "../call.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { CODES, explanationOf } from "../explanations.ts";
import { usageError } from "../failure.ts";
import { fieldExplanations, nearField, peerExplanations } from "../field-explanations.ts";
import { allNames } from "../all-names.ts";
import { OTHER_NAMES, otherExplanations } from "../other-explanations.ts";
import { type Style, styleFor } from "../style.ts";

/** Prints what each code means, why it is so and how to mend it; of a field, rule, state, event … what it is. Without a name: every name. */
export async function run({ world, args }: Call): Promise<ExitCode> {
  const style = styleFor(world.env, world.out);
  if (args.length === 0) world.out.write(allNames(style));
  const texts = args.flatMap((name) => {
    const known = [...codeTexts(name), ...fieldExplanations(name), ...otherExplanations(name)];
    const found = known.length > 0 ? known : peerExplanations(name);
    if (found.length === 0) throw usageError(`there is nothing called ${JSON.stringify(name)}`, suggestion(name));
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
  return near === undefined ? "`slipway explain` alone lists every name" : `did you mean ${near}?`;
}
