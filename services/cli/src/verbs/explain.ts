import { Suggester } from "@slipway/dag";
import type { Call } from "../call.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { CODES, explanationOf } from "../explanations.ts";
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
  const near = new Suggester().suggest(code, CODES);
  return near === undefined ? `codes: ${CODES.join(", ")}` : `did you mean ${near}?`;
}
