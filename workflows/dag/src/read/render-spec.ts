import { isJsonObject, type Json, type JsonObject, utf8Length } from "../json.ts";
import type { Outcome } from "../outcome.ts";
import { own } from "../strategic-merge.ts";
import type { TaskSpec } from "../task-spec.ts";
import { type Answers, answerTo, failureIn } from "./answers.ts";
import { Budget } from "./budget.ts";
import { Findings } from "./findings.ts";
import { imageProblem } from "./image-reference.ts";
import { CONTAINER_FIELDS } from "./kubernetes-fields.ts";
import { checkLayer } from "./layer.ts";
import { LIMITS } from "./limits.ts";
import { sourcesIn } from "./needs.ts";
import { JsonPlaces } from "./path.ts";
import { replaceExpressions } from "./replace-expressions.ts";
import { expandLayer } from "./short-forms.ts";

export type Rendered =
  | { readonly kind: "ok"; readonly spec: TaskSpec }
  /** How the attempt ends, without a pod. */
  | { readonly kind: "ended"; readonly outcome: Outcome };

/** The expressions that are left in a spec, each once. */
export function sourcesOf({ container, pod = {}, metadata = {} }: TaskSpec): readonly string[] {
  return [...sourcesIn([container, pod, { ...metadata }])];
}

/** A spec with its last expressions replaced, and checked again for what they could have hidden. */
export function renderSpec(spec: TaskSpec, answers: Answers): Rendered {
  const failure = failureIn(answers);
  if (failure !== undefined) return ended(failure);
  const places = new JsonPlaces();
  const read = Findings.read(places, (findings) => {
    const valueOf = (source: string) => answerTo(answers, source);
    const { container, pod, metadata } = spec;
    const layer: JsonObject = { ...container, ...(pod && { pod }), ...(metadata && { metadata: { ...metadata } }) };
    const replaced = replaceExpressions(layer, [], { findings, budget: new Budget(places), valueOf });
    if (!isJsonObject(replaced) || !findings.clean) return undefined;
    const long = expandLayer(replaced, [], { findings, replaced: true });
    const image = own(long, "image");
    if (typeof image === "string" && imageProblem(image) !== undefined) return { long };
    return checkLayer(long, { path: [], scope: "task", replaced: true }, findings) === undefined ? undefined : { long };
  });
  return read.kind === "refused" ? ended(read.problems[0]?.what ?? "it cannot be used") : whole(spec, read.value.long);
}

function whole(spec: TaskSpec, long: JsonObject): Rendered {
  const image = own(long, "image");
  const wrong = typeof image === "string" ? imageProblem(image) : undefined;
  if (wrong !== undefined && typeof image === "string") {
    const message = `the image reference ${JSON.stringify(image)} ${wrong.why}`;
    return { kind: "ended", outcome: { kind: "image", image, message, neverStarted: true } };
  }
  const container = Object.fromEntries(
    CONTAINER_FIELDS.flatMap((field) => (long[field] === undefined ? [] : [[field, long[field]] as const])),
  );
  const { pod, metadata } = long;
  const rendered: TaskSpec = {
    ...spec,
    container,
    ...(isJsonObject(pod) && { pod }),
    ...(isJsonObject(metadata) && { metadata: textMaps(metadata) }),
  };
  return utf8Length(JSON.stringify(rendered)) > LIMITS.taskBytes
    ? ended(`the task has more than ${LIMITS.taskBytes / 1024} KB with its expressions replaced`)
    : { kind: "ok", spec: rendered };
}

function textMaps(metadata: JsonObject): Record<string, Record<string, string>> {
  const texts = (map: Json): Record<string, string> =>
    Object.fromEntries(
      Object.entries(isJsonObject(map) ? map : {}).flatMap(([name, text]) =>
        typeof text === "string" ? [[name, text] as const] : [],
      ),
    );
  return Object.fromEntries(Object.entries(metadata).map(([kind, map]) => [kind, texts(map)]));
}

function ended(message: string): Rendered {
  return { kind: "ended", outcome: { kind: "expression", message, neverStarted: true } };
}
