import { isJsonObject, type JsonObject } from "../json.ts";
import { own } from "../strategic-merge.ts";
import type { Path } from "./path.ts";

/** Where a section (the DAG, a group) has its tasks; the order is that of the compiled DAG. */
export const SECTION_WORDS = ["tasks", "finally"] as const;

/** A task where it stands: in the DAG, or in a group. */
export interface Placed {
  readonly path: Path;
  /** Whole: `group.child`. */
  readonly name: string;
  readonly task: JsonObject;
  readonly group?: string;
  /** It stands under `finally`. */
  readonly final?: true;
  /** It, or a group around it, stands under the DAG's `finally`. */
  readonly last?: true;
  /** The `defaults` that lie below it: of the groups around it, the nearest first, then the DAG's. */
  readonly defaults: readonly JsonObject[];
}

/** The key says which kind a task is. */
export function isGroup(task: JsonObject): boolean {
  return own(task, "tasks") !== undefined;
}

/** Every task of a DAG in the long form; a group stands before what is in it. */
export function placedTasks(dag: JsonObject): readonly Placed[] {
  return inSection(dag, { path: [], defaults: [] });
}

function inSection(section: JsonObject, at: Pick<Placed, "path" | "group" | "defaults" | "last">): readonly Placed[] {
  const given = own(section, "defaults");
  const defaults = isJsonObject(given) ? [given, ...at.defaults] : at.defaults;
  return membersOf(section).flatMap(({ word, name: key, task }) => {
    const path = [...at.path, word, key];
    const name = at.group === undefined ? key : `${at.group}.${key}`;
    const final = word === "finally" && { final: true as const };
    const last = (at.last === true || (at.group === undefined && word === "finally")) && { last: true as const };
    const placed = {
      path,
      name,
      task,
      ...(at.group !== undefined && { group: at.group }),
      ...final,
      ...last,
      defaults,
    };
    return isGroup(task) ? [placed, ...inSection(task, { path, group: name, ...last, defaults })] : [placed];
  });
}

/** What stands in a section itself. */
export function membersOf(section: JsonObject): readonly {
  readonly word: (typeof SECTION_WORDS)[number];
  readonly name: string;
  readonly task: JsonObject;
}[] {
  return SECTION_WORDS.flatMap((word) => {
    const named = own(section, word);
    const entries = isJsonObject(named) ? Object.entries(named) : [];
    return entries.flatMap(([name, task]) => (isJsonObject(task) ? [{ word, name, task }] : []));
  });
}

/** The words of a task itself, without what stands in it. */
export function ownWords(task: JsonObject): JsonObject {
  if (!isGroup(task)) return task;
  const { tasks: _tasks, finally: _finally, defaults: _defaults, ...words } = task;
  return words;
}

const NAMED: ReadonlySet<string | number | undefined> = new Set([...SECTION_WORDS, "templates"]);

/** The part of a path below the task, the template or the defaults in which it lies. */
export function inLayer(path: Path): Path {
  let layer = path;
  while (NAMED.has(layer[0])) layer = layer.slice(2);
  return layer[0] === "defaults" ? layer.slice(1) : layer;
}
