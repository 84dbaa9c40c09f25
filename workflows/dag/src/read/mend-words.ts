import { isMap, isNode, isPair, isScalar, parseAllDocuments, type Range, type Scalar, visit, type YAMLMap } from "yaml";
import type { Problem } from "../errors.ts";
import { offsetOf } from "./text-lines.ts";

/** Replaces [from, to) of a text. */
export interface Edit {
  readonly from: number;
  readonly to: number;
  readonly text: string;
  /** Of a key: its new name, and where its value begins in the edited text. */
  readonly renamed?: { readonly to: string; readonly value: number };
}

export function edited(text: string, { from, to, text: put }: Edit): string {
  return `${text.slice(0, from)}${put}${text.slice(to)}`;
}

/** The ways to write what a problem says should stand at its place, the nearest to what is there first. */
export function wordEdits(text: string, problem: Problem): readonly Edit[] {
  const { instead } = problem;
  if (instead === undefined) return [];
  const found = scalarAt(text, offsetOf(text, problem));
  if (found === undefined || found.siblings.includes(instead)) return [];
  const [from, to] = found.range;
  const { value } = found;
  return spellings(instead, found.type)
    .map((put): Edit => {
      const renamed = value === undefined ? {} : { renamed: { to: instead, value: value + put.length - (to - from) } };
      return { from, to, text: put, ...renamed };
    })
    .filter((edit) => scalarAt(edited(text, edit), from)?.said === instead);
}

interface Found {
  readonly range: readonly [from: number, to: number];
  readonly said: unknown;
  readonly type: Scalar["type"];
  /** Of a key: the others beside it, and where its value begins. */
  readonly siblings: readonly unknown[];
  readonly value?: number;
}

/** The key or value that begins at an offset; a text of several lines is none. */
function scalarAt(text: string, offset: number): Found | undefined {
  let found: Found | undefined;
  for (const document of parseAllDocuments(text, { uniqueKeys: false, stringKeys: true, logLevel: "silent" }))
    visit(document, {
      Scalar: (position, node, around) => {
        const range = rangeOf(node.range);
        if (range?.[0] !== offset || text.slice(...range).includes("\n")) return;
        const pair = around.at(-1);
        const map = around.at(-2);
        const isKey = position === "key" && isPair(pair) && isMap(map);
        const value = isKey && isNode(pair.value) ? rangeOf(pair.value.range)?.[0] : undefined;
        const siblings = isKey ? keysOf(map) : [];
        found = { range, said: node.value, type: node.type, siblings, ...(value !== undefined && { value }) };
      },
    });
  return found;
}

function rangeOf(range: Range | null | undefined): readonly [number, number] | undefined {
  return range === null || range === undefined ? undefined : [range[0], range[1]];
}

function keysOf(map: YAMLMap): readonly unknown[] {
  return map.items.map(({ key }) => (isScalar(key) ? key.value : undefined));
}

/** A text in YAML: as it was written, plain, or in the quotes of which it has none. */
function spellings(text: string, type: Scalar["type"]): readonly string[] {
  const single = `'${text.replaceAll("'", "''")}'`;
  const double = JSON.stringify(text);
  const quoted = text.includes('"') ? [single, double] : [double, single];
  if (type === "QUOTE_DOUBLE") return text.includes('"') ? quoted : [double];
  if (type === "QUOTE_SINGLE") return [single];
  return type === "PLAIN" ? [text, ...quoted] : [];
}
