import type { Standpoint } from "../cel/checker.ts";
import type { CompiledDag, CompiledOutputs } from "../compiled.ts";
import { isJsonObject, type Json, type JsonObject, utf8Length } from "../json.ts";
import { givenOf } from "../merge.ts";
import { type Answers, replaced } from "./answers.ts";
import { checkExpressions, type Expressions } from "./expressions.ts";
import { LIMITS } from "./limits.ts";
import { Validator } from "./misfits.ts";
import { needsIn, sourcesIn } from "./needs.ts";
import { checkIdentifier, warnOfSecret } from "./params.ts";
import { replaceExpressions, type Replacing } from "./replace-expressions.ts";
import { checkSchema } from "./schema-check.ts";

/** Name → what it is, with its expressions, and the JSON Schema it must fit. */
export type DagOutputs = Readonly<Record<string, { readonly value: Json; readonly schema?: JsonObject }>>;

/** What a run gives in the end, or why it cannot. */
export type Concluded =
  | { readonly kind: "values"; readonly values: JsonObject }
  | { readonly kind: "broken"; readonly why: string };

/** When the outputs of the DAG are evaluated every task has ended, so all may be named. */
const AT_THE_END: Standpoint = { task: "", isAncestor: () => true, betweenTries: false };

export function checkDagOutputs(outputs: DagOutputs, tools: Expressions): void {
  const { findings } = tools;
  for (const [name, { value, schema }] of Object.entries(outputs)) {
    const path = ["outputs", name];
    checkIdentifier(name, "an output", path, findings);
    warnOfSecret(name, path, findings);
    if (schema !== undefined) checkSchema(schema, [...path, "schema"], findings);
    checkExpressions(value, [...path, "value"], AT_THE_END, tools);
  }
}

export function compileDagOutputs(outputs: DagOutputs | undefined, tools: Replacing): Pick<CompiledDag, "outputs"> {
  if (outputs === undefined) return {};
  const declared = Object.entries(outputs).map(([name, { value, schema = {} }]) => {
    return [name, { value: replaceExpressions(value, ["outputs", name, "value"], tools), schema }] as const;
  });
  const values: Json = declared.map(([, { value }]) => value);
  return {
    outputs: { declared: Object.fromEntries(declared), needs: needsIn([...sourcesIn(values)], {}, (task) => task) },
  };
}

/** Of a task without a pod: their texts have been replaced with the task's, as far as its start knew them. */
export function compileValues(
  outputs: JsonObject | null | undefined,
  resolve: (name: string) => string | undefined,
): { readonly outputs?: CompiledOutputs } {
  const declared = Object.entries(outputs ?? {}).flatMap(([name, each]) =>
    isJsonObject(each) ? [[name, givenOf(each)] as const] : [],
  );
  if (declared.length === 0) return {};
  const values: Json = declared.map(([, { value }]) => value);
  return { outputs: { declared: Object.fromEntries(declared), needs: needsIn([...sourcesIn(values)], {}, resolve) } };
}

/** The expressions that are left, each once. */
export function sourcesOfOutputs({ declared }: Pick<CompiledOutputs, "declared">): readonly string[] {
  return [...sourcesIn(Object.values(declared).map(({ value }) => value))];
}

/** The outputs of a run whose tasks have all ended. */
export function concludeOutputs({ declared }: Pick<CompiledOutputs, "declared">, answers: Answers): Concluded {
  const read = replaced(mapped(declared), answers);
  if (read.kind === "wrong") return { kind: "broken", why: read.why };
  const values = isJsonObject(read.value) ? read.value : {};
  const validator = new Validator();
  for (const [name, { schema }] of Object.entries(declared)) {
    const [misfit] = validator.misfits(values[name] ?? null, schema);
    if (misfit !== undefined) return { kind: "broken", why: `${name} ${misfit}` };
  }
  return utf8Length(JSON.stringify(values)) > LIMITS.outputBytes
    ? { kind: "broken", why: `together they are larger than ${LIMITS.outputBytes / 1024} KB` }
    : { kind: "values", values };
}

function mapped(declared: CompiledOutputs["declared"]): JsonObject {
  return Object.fromEntries(Object.entries(declared).map(([name, { value }]) => [name, value]));
}
