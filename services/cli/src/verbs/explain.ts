import { ERRORS, Suggester } from "@slipway/dag";
import type { Call } from "../call.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { explanationOf, OUTCOMES, STACK_ERRORS } from "../explanations.ts";
import { usageError } from "../failure.ts";
import { styleFor } from "../style.ts";

/** Prints what each code means, why it is so and how to mend it. */
export async function run({ world, args }: Call): Promise<ExitCode> {
  const style = styleFor(world.env, world.out);
  const texts = args.map((code) => {
    const found = explanationOf(code);
    if (found === undefined) throw usageError(`there is no code ${JSON.stringify(code)}`, suggestion(code));
    return `${style.bold(code)}: ${found.summary}\n  why: ${found.why}\n  fix: ${found.fix}\n`;
  });
  world.out.write(texts.join("\n"));
  return EXIT.ok;
}

function suggestion(code: string): string {
  const codes = [...Object.keys(ERRORS), ...Object.keys(OUTCOMES), ...Object.keys(STACK_ERRORS)];
  const close = new Suggester().suggest(code, codes);
  return close === undefined ? `codes: ${codes.join(", ")}` : `did you mean ${close}?`;
}
