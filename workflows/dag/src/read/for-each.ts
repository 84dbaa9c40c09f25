import type { Checker, Standpoint } from "../cel/checker.ts";
import type { CompiledTask } from "../compiled.ts";
import { isJsonObject, type Json, type JsonObject } from "../json.ts";
import { own } from "../strategic-merge.ts";
import { checkExpressions, type Expressions } from "./expressions.ts";
import type { Findings } from "./findings.ts";
import { LIMITS } from "./limits.ts";
import { needsIn, sourcesIn } from "./needs.ts";
import { checkIdentifier } from "./params.ts";
import type { Path } from "./path.ts";
import { kindOf, quote } from "./say.ts";
import { isTemplate, splitTemplate } from "./template.ts";

export function hasItems(task: JsonObject): boolean {
  return own(task, "forEach") !== undefined;
}

/** The list of a task and the keys of its items, before anything is known of their values. `from`: where the task stands. */
export function checkForEach(task: JsonObject, path: Path, from: Standpoint, tools: Expressions): void {
  const [list, key] = [own(task, "forEach"), own(task, "key")];
  const alone = ALONE.find((word) => Object.hasOwn(task, word));
  if (list !== undefined && alone !== undefined) {
    const what = `a task with ${quote(alone)} cannot run once for each item: what it waits for comes once`;
    tools.findings.error("task-kind", [...path, "forEach"], what, {
      at: "key",
      fix: "write a task of its own for each, or `forEach` in the pod task behind it",
    });
  } else if (list !== undefined) {
    const before = { ...from, item: "before", betweenTries: false } as const;
    checkExpressions(list, [...path, "forEach"], before, tools);
    checkLists(list, [...path, "forEach"], before, tools);
  }
  if (typeof key === "string") checkKey(key, list, [...path, "key"], from, tools);
}

/** Kinds that are one: items are pods, or do nothing. */
const ALONE = ["approve", "wait", "dag"];

function checkKey(key: string, list: Json | undefined, path: Path, from: Standpoint, tools: Expressions): void {
  if (list === undefined) {
    const what = "`key` is what an item of `forEach` is called, and the task has none";
    tools.findings.error("missing-field", path, what, { at: "key", fix: "write `forEach`, or leave `key` out" });
  } else if (isTemplate(key)) {
    checkExpressions(key, path, { ...from, item: "known", betweenTries: false }, tools);
  } else {
    const fix = { fix: "name the item: `key: ${{ item }}`" };
    tools.findings.error("bad-value", path, "every item would have the same `key`", fix);
  }
}

function checkLists(list: Json, path: Path, from: Standpoint, { checker, findings }: Expressions): void {
  const check = (each: Json, at: Path): number | undefined => checkList(each, at, from, { checker, findings });
  if (!isJsonObject(list)) return tooMany([check(list, path)], path, findings);
  const names = Object.keys(list);
  if (names.length === 0 || names.length > LIMITS.listNames) {
    const what = `\`forEach\` has ${names.length} names; it takes from 1 to ${LIMITS.listNames}`;
    findings.error("bad-value", path, what, { fix: "write `{ NAME: LIST }`, or one list" });
  }
  for (const name of names) checkIdentifier(name, "a list of `forEach`", [...path, name], findings);
  tooMany(
    Object.entries(list).map(([name, each]) => check(each, [...path, name])),
    path,
    findings,
  );
}

/** How many elements it has, where that can be seen. */
function checkList(
  list: Json,
  path: Path,
  from: Standpoint,
  { checker, findings }: { readonly checker: Checker; readonly findings: Findings },
): number | undefined {
  if (Array.isArray(list)) return list.length;
  const parts = typeof list === "string" ? (splitTemplate(list) ?? []) : [];
  const [only] = parts;
  const source = parts.length === 1 && only?.kind === "expression" ? only.source : undefined;
  const checked = source === undefined ? undefined : checker.check(source, from);
  if (checked?.kind === "wrong") return undefined;
  if (checked?.kind === "ok" && (checked.type === "dyn" || checked.type.startsWith("list"))) return undefined;
  const given = checked === undefined ? kindOf(list) : (GIVEN.get(checked.type) ?? checked.type);
  const fix = { fix: "write a list, or one whole expression that gives one: `${{ tasks.a.outputs.files }}`" };
  findings.error("bad-value", path, `${quote(String(path.at(-1)))} must be a list, not ${given}`, fix);
  return undefined;
}

const GIVEN: ReadonlyMap<string, string> = new Map([
  ["string", "text"],
  ["int", "a number"],
  ["double", "a number"],
  ["bool", "true or false"],
]);

function tooMany(counts: readonly (number | undefined)[], path: Path, findings: Findings): void {
  const known = counts.filter((count) => count !== undefined);
  const product = known.reduce((all, count) => all * count, 1);
  if (known.length < counts.length || product <= LIMITS.items) return;
  findings.error("too-large", path, `${countText(known)}; at most ${LIMITS.items} are run`);
}

/** `it has 200 × 100 = 20000 items` */
export function countText(counts: readonly number[]): string {
  const product = counts.reduce((all, count) => all * count, 1);
  return `it has ${counts.length > 1 ? `${counts.join(" × ")} = ` : ""}${product} items`;
}

/** Nothing of it is replaced when the run starts: the list is made when the task's turn has come, and its length may be great. */
export function compileForEach(
  task: JsonObject,
  condition: string | undefined,
  resolve: (name: string) => string | undefined,
): Pick<CompiledTask, "forEach"> {
  const [list, key, parallelism] = [own(task, "forEach"), own(task, "key"), own(task, "parallelism")];
  if (list === undefined) return {};
  const inKey = typeof key === "string" ? [...sourcesIn(key)] : [];
  const sources = [...sourcesIn(list), ...inKey, ...(condition === undefined ? [] : [condition])];
  return {
    forEach: {
      list,
      ...(typeof key === "string" && { key }),
      ...(typeof parallelism === "number" && { parallelism }),
      needs: needsIn(sources, {}, resolve),
    },
  };
}
