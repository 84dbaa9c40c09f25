import { CALLED, FIELDS, type Scope } from "@slipway/dag/read";
import { EXPLANATIONS } from "./explanations.ts";
import { OTHERS } from "./other-explanations.ts";
import type { Style } from "./style.ts";

/** Everything that `explain` knows, by what it is one of. */
export function allNames(style: Style): string {
  const fields = Object.keys(FIELDS)
    .filter((name): name is Scope => Object.hasOwn(CALLED, name))
    .filter((scope) => Object.keys(FIELDS[scope]).length > 0 && scope !== "defaults")
    .map((scope) => [`fields of ${CALLED[scope].replaceAll("`", "")}`, Object.keys(FIELDS[scope])] as const);
  const codes = EXPLANATIONS.map(({ title, entries }) => [title.toLowerCase(), Object.keys(entries)] as const);
  const lists = [...fields, ...codes, ...Object.entries(OTHERS)];
  return lists.map(([title, names]) => `${style.bold(title)}\n  ${names.join(", ")}\n`).join("");
}
