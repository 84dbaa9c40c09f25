import { type ItemList, sizeOf } from "../items.ts";
import { isJsonObject, type Json, utf8Length } from "../json.ts";
import { type Answers, type Made, replaced } from "./answers.ts";
import { countText } from "./for-each.ts";
import { LIMITS } from "./limits.ts";
import { kindOf, quote } from "./say.ts";
import { textOf } from "./text-places.ts";

/** The lists of a `forEach`, its expressions answered. What it may hold at most is run whole, or refused with its size. */
export function madeList(list: Json, answers: Answers): Made<ItemList> {
  const read = replaced(list, answers);
  if (read.kind === "wrong") return read;
  const named = isJsonObject(read.value) && isJsonObject(list) ? Object.entries(read.value) : undefined;
  const values =
    named === undefined ? [["it", read.value] as const] : named.map(([name, each]) => [quote(name), each] as const);
  const lists: Json[][] = [];
  for (const [name, value] of values) {
    if (!Array.isArray(value)) return wrong(`${name} gives ${kindOf(value)}, not a list`);
    lists.push([...value]);
  }
  const items = { ...(named !== undefined && { names: named.map(([name]) => name) }), lists };
  if (sizeOf(items) > LIMITS.items)
    return wrong(`${countText(lists.map(({ length }) => length))}; at most ${LIMITS.items} are run`);
  const bytes = utf8Length(JSON.stringify(lists));
  return bytes > LIMITS.listBytes
    ? wrong(
        `it has ${kilobytes(bytes)} KB of JSON; at most ${kilobytes(LIMITS.listBytes)} KB are run: list names, not contents`,
      )
    : { kind: "ok", value: items };
}

/** What one item is called. */
export function madeKey(key: string, answers: Answers): Made<string> {
  const read = replaced(key, answers);
  if (read.kind === "wrong") return read;
  const text = textOf(read.value);
  if (text === undefined || text === "") return wrong(text === "" ? "is empty" : "is null");
  return Array.from(text).length > LIMITS.keyCharacters
    ? wrong(`is longer than ${LIMITS.keyCharacters} characters`)
    : { kind: "ok", value: text };
}

/** Why these keys cannot name the items: two are the same, or together they are too long. */
export function keysProblem(keys: readonly string[]): string | undefined {
  const seen = new Map<string, number>();
  for (const [index, key] of keys.entries()) {
    const before = seen.get(key);
    if (before !== undefined) return `the items ${before} and ${index} are both called ${quote(key)}`;
    seen.set(key, index);
  }
  const bytes = utf8Length(JSON.stringify(keys));
  return bytes > LIMITS.keyBytes
    ? `together they have ${kilobytes(bytes)} KB; at most ${kilobytes(LIMITS.keyBytes)} KB are kept`
    : undefined;
}

function kilobytes(bytes: number): number {
  return Math.ceil(bytes / 1024);
}

function wrong(why: string): { readonly kind: "wrong"; readonly why: string } {
  return { kind: "wrong", why };
}
