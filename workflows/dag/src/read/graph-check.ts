import { own } from "../strategic-merge.ts";
import { isJsonObject, type JsonObject } from "../json.ts";
import type { Findings } from "./findings.ts";
import type { Path } from "./path.ts";
import { membersOf } from "./placed.ts";
import { quote, visible } from "./say.ts";

/**
 * The edges of a section: every `after` names a task that stands beside it, once, and no task waits for itself through others.
 * What stands under `finally` may wait for `tasks`, which are all done by then; not the other way round.
 */
export function checkGraph(section: JsonObject, at: Path, findings: Findings): void {
  const members = membersOf(section);
  const edges = new Map(members.map(({ name, task }) => [name, upstreams(task)]));
  const all = new Set(edges.keys());
  const tasks = new Set(members.filter(({ word }) => word === "tasks").map(({ name }) => name));
  for (const { word, name, task } of members) {
    if (findings.full) break;
    const path = [...at, word, name];
    if (word === "finally" && tasks.has(name)) {
      const what = `${quote(name)} is the name of two tasks, under \`tasks\` and under \`finally\``;
      findings.error("duplicate-key", path, what, { at: "key" });
    }
    checkAfter(name, task, { path: [...path, "after"], known: word === "tasks" ? tasks : all, all }, findings);
  }
  const cycle = findings.clean ? findCycle(edges) : undefined;
  if (cycle === undefined) return;
  const [first = ""] = cycle;
  const shown = cycle.length > 40 ? [...cycle.slice(0, 38), "…", ...cycle.slice(-1)] : cycle;
  const what = `tasks wait for each other in a circle: ${shown.map(visible).join(" → ")}`;
  findings.error("cycle", [...at, tasks.has(first) ? "tasks" : "finally", first, "after"], what);
}

/** The names in a task's `after` (long form). */
export function upstreams(task: JsonObject): readonly string[] {
  const after = own(task, "after");
  if (isJsonObject(after)) return Object.keys(after);
  return Array.isArray(after) ? after.filter((name) => typeof name === "string") : [];
}

function checkAfter(
  name: string,
  task: JsonObject,
  here: { readonly path: Path; readonly known: ReadonlySet<string>; readonly all: ReadonlySet<string> },
  findings: Findings,
): void {
  const seen = new Set<string>();
  const inMap = isJsonObject(own(task, "after"));
  for (const [at, upstream] of upstreams(task).entries()) {
    const path = [...here.path, inMap ? upstream : at];
    if (upstream === name) {
      findings.error("cycle", path, `the task ${quote(name)} waits for itself`, {
        fix: "remove its own name from `after`",
      });
    } else if (!here.known.has(upstream)) {
      const later = here.all.has(upstream);
      const what = later ? `${quote(upstream)} stands under \`finally\`` : `there is no task ${quote(upstream)}`;
      const fix = later ? { fix: "it runs when all `tasks` are done: put this task under `finally` too" } : {};
      findings.error("unknown-task", path, what, { ...findings.didYouMean(upstream, here.known), ...fix });
    } else if (seen.has(upstream)) {
      findings.error("bad-value", path, `${quote(upstream)} is there twice in \`after\``, { fix: "remove one" });
    }
    seen.add(upstream);
  }
}

/** One cycle whole, `[a, b, a]`: each task waits for the next. Depth-first without recursion: 10,000 tasks may form one chain. */
export function findCycle(edges: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const done = new Set<string>();
  for (const start of edges.keys()) {
    const trail: { readonly name: string; next: number }[] = done.has(start) ? [] : [{ name: start, next: 0 }];
    const open = new Set([start]);
    for (let top = trail.at(-1); top !== undefined; top = trail.at(-1)) {
      const upstream = edges.get(top.name)?.[top.next];
      top.next += 1;
      if (upstream === undefined) {
        done.add(top.name);
        open.delete(top.name);
        trail.pop();
      } else if (open.has(upstream)) {
        const names = trail.map(({ name }) => name);
        return [...names.slice(names.indexOf(upstream)), upstream];
      } else if (!done.has(upstream)) {
        open.add(upstream);
        trail.push({ name: upstream, next: 0 });
      }
    }
  }
  return undefined;
}
