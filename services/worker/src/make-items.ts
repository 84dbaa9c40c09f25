import { type Answer, itemAt, type ItemList, type Json, type JsonObject, sizeOf } from "@slipway/dag";
import { type Evaluated, variablesOf } from "@slipway/dag/cel";
import { keysProblem, madeKey, madeList, sourcesIn } from "@slipway/dag/read";
import type { BeginQuestion } from "@slipway/run";

export type Ask = (source: string, variables: JsonObject) => Promise<Evaluated>;

/** The items of a task: its lists, and what each item is called. A list that cannot be had is an answer. */
export async function makeItems(
  ask: Ask,
  { list, key }: NonNullable<BeginQuestion["forEach"]>,
  variables: JsonObject,
): Promise<Answer> {
  const made = madeList(list, await answersTo(ask, list, variables));
  if (made.kind === "wrong") return { kind: "broken", of: "forEach", why: made.why };
  if (key === undefined) return { kind: "yes", items: made.value };
  return await withKeys(ask, key, made.value, variables);
}

async function withKeys(ask: Ask, key: string, items: ItemList, variables: JsonObject): Promise<Answer> {
  const keys: string[] = [];
  for (let index = 0; index < sizeOf(items); index += 1) {
    const made = madeKey(key, await answersTo(ask, key, { ...variables, item: itemAt(items, index), index }));
    if (made.kind === "wrong") return { kind: "broken", of: "key", why: `of the item ${index}: ${made.why}` };
    keys.push(made.value);
  }
  const why = keysProblem(keys);
  return why === undefined ? { kind: "yes", items: { ...items, keys } } : { kind: "broken", of: "key", why };
}

async function answersTo(ask: Ask, value: Json, variables: JsonObject): Promise<Map<string, Evaluated>> {
  const answers = new Map<string, Evaluated>();
  for (const source of sourcesIn(value)) answers.set(source, await ask(source, variablesOf(source, variables)));
  return answers;
}
