import { z } from "zod";
import { parseTime } from "../cel/time.ts";
import { parseDuration } from "../duration.ts";
import { isSubjectPattern } from "../subject-pattern.ts";
import { isTemplate } from "./template.ts";

/** What an expression gives when the task begins is looked at then (render-hold.ts). */
const textWhere = (holds: (text: string) => boolean, error: string) =>
  z.custom<string>((value) => typeof value === "string" && (isTemplate(value) || holds(value)), { error });

/** Characters. */
export const MESSAGE = 2_000;
const OPTION = 50;

const messagePhrase = `text of at most ${MESSAGE} characters`;
const optionsPhrase = `a list of at most 20 different texts, each at most ${OPTION} characters`;
const option = z
  .string({ error: optionsPhrase })
  .min(1, { error: optionsPhrase })
  .max(OPTION, { error: optionsPhrase });
const assigneesPhrase = "a list of at most 50 texts";
const assignee = z
  .string({ error: assigneesPhrase })
  .min(1, { error: assigneesPhrase })
  .max(200, { error: assigneesPhrase });

export const approveSchema = z
  .strictObject(
    {
      message: textWhere((text) => text !== "" && text.length <= MESSAGE, messagePhrase),
      options: z
        .array(option, { error: optionsPhrase })
        .min(1, { error: optionsPhrase })
        .max(20, { error: optionsPhrase })
        .refine((options) => new Set(options).size === options.length, { error: optionsPhrase })
        .exactOptional(),
      assignees: z
        .array(assignee, { error: assigneesPhrase })
        .min(1, { error: assigneesPhrase })
        .max(50, { error: assigneesPhrase })
        .exactOptional(),
      default: z.string({ error: "one of `options`" }).exactOptional(),
    },
    { error: "a question, or a map with `message`, `options`, `assignees` and `default`" },
  )
  .refine((given) => given.default === undefined || optionsOf(given).includes(given.default), {
    path: ["default"],
    error: "one of `options`",
  });

/** What may be answered. */
export function optionsOf({
  options = ["approve", "reject"],
}: {
  readonly options?: readonly string[];
}): readonly string[] {
  return options;
}

const forPhrase = "a duration like 30s, 5m, 1h30m or 7d, more than 0s, at most 365d";
const untilPhrase = "a time like 2026-11-28T06:00:00Z (RFC 3339)";
const subjectPhrase = "a NATS subject: words with dots between them, at most 255 characters";

export const waitSchema = z.strictObject(
  {
    for: textWhere((text) => (parseDuration(text) ?? 0) > 0, forPhrase).exactOptional(),
    until: textWhere((text) => parseTime(text) !== undefined, untilPhrase).exactOptional(),
    event: z
      .strictObject(
        {
          subject: textWhere(isSubjectPattern, subjectPhrase),
          if: z.string({ error: "a condition in CEL" }).exactOptional(),
        },
        { error: "a map with `subject` and `if`" },
      )
      .exactOptional(),
  },
  { error: "a duration, or a map with `for`, `until` or `event`" },
);
