import { isJsonObject, type Json, type JsonObject, utf8Length } from "../json.ts";
import { own } from "../strategic-merge.ts";
import type { OutputSource, OutputSpec } from "../task-spec.ts";
import { Findings } from "./findings.ts";
import { toJson } from "./json-door.ts";
import { LIMITS } from "./limits.ts";
import { Validator } from "./misfits.ts";
import { JsonPlaces } from "./path.ts";
import { kindOf } from "./say.ts";

/** What a source held when the container had ended, or why it cannot be had: `is larger than 256 KB`. */
export type SourceText =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "unreadable"; readonly why: string };

/** Of each source that one of the outputs asks for. */
export type OutputTexts = Readonly<Partial<Record<OutputSource, SourceText>>>;

/** Values that have passed their schemas, and what is wrong with the others: one sentence each, never the value itself. */
export interface OutputValues {
  readonly values: JsonObject;
  readonly problems: readonly string[];
}

const CALLED: Readonly<Record<OutputSource, string>> = {
  message: "what was written to $SLIPWAY_OUTPUTS",
  stdout: "the log",
  lastLine: "the last line of the log",
};

/** The outputs of a container that has ended. Each is missing, not JSON, not of its type, or a value. Pure and bounded. */
export function outputValues(specs: Readonly<Record<string, OutputSpec>>, texts: OutputTexts): OutputValues {
  const validator = new Validator();
  const values: Record<string, Json> = {};
  const problems: string[] = [];
  let bytes = 0;
  for (const [name, spec] of Object.entries(specs)) {
    const read = valueOf(name, spec, texts[spec.from]);
    const wrong = read.kind === "wrong" ? read.why : validator.misfits(read.value, spec.schema)[0];
    if (read.kind === "wrong" || wrong !== undefined) {
      problems.push(`output ${name}: ${wrong}`);
      continue;
    }
    bytes += utf8Length(JSON.stringify(read.value));
    if (bytes > LIMITS.outputBytes) problems.push(`output ${name}: ${TOO_MUCH}`);
    else values[name] = read.value;
  }
  return { values, problems };
}

const TOO_MUCH = `the outputs of the task together are larger than ${LIMITS.outputBytes / 1024} KB`;

type ReadValue = { readonly kind: "value"; readonly value: Json } | { readonly kind: "wrong"; readonly why: string };

function valueOf(name: string, { from, schema }: OutputSpec, source: SourceText | undefined): ReadValue {
  const called = CALLED[from];
  if (source === undefined) return wrong(`${called} was not kept`);
  if (source.kind === "unreadable") return wrong(`${called} ${source.why}`);
  const { text } = source;
  if (from === "message") return fieldOf(name, text, called);
  if (from === "lastLine" && text === "") return wrong("the log has no line that is not empty");
  return own(schema, "type") === "string" ? { kind: "value", value: text } : parsed(text, called);
}

function fieldOf(name: string, text: string, called: string): ReadValue {
  if (text.trim() === "") return wrong("nothing was written to $SLIPWAY_OUTPUTS");
  const read = parsed(text, called);
  if (read.kind === "wrong") return read;
  if (!isJsonObject(read.value)) return wrong(`${called} must be a JSON object, not ${kindOf(read.value)}`);
  const value = own(read.value, name);
  return value === undefined ? wrong(`it is missing in ${called}`) : { kind: "value", value };
}

/** JSON that can be kept exactly, through the same door as a DAG's. */
function parsed(text: string, called: string): ReadValue {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return wrong(text.trim() === "" ? `${called} is empty` : `${called} is not JSON`);
  }
  const read = Findings.read(new JsonPlaces(), (findings) => {
    const json = toJson(value, findings);
    return json === undefined ? undefined : { json };
  });
  if (read.kind === "ok") return { kind: "value", value: read.value.json };
  return wrong(`${called} cannot be kept: ${read.problems[0]?.what ?? "it is not JSON"}`);
}

function wrong(why: string): ReadValue {
  return { kind: "wrong", why };
}
