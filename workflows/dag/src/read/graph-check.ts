import { own } from "../strategic-merge.ts";
import { isJsonObject, type JsonObject } from "../json.ts";
import type { Findings } from "./findings.ts";
import { quote, visible } from "./say.ts";

/** The edges of a DAG: every `after` names a task that is there, once, and no task waits for itself through others. */
export function checkGraph(tasks: Readonly<Record<string, JsonObject>>, findings: Findings): void {
  const names = Object.keys(tasks);
  const edges = new Map(names.map((name) => [name, upstreams(tasks[name] ?? {})]));
  for (const [name, after] of edges) if (!findings.full) checkAfter(name, after, edges, tasks, findings);
  if (!findings.clean) return;
  const cycle = findCycle(edges);
  if (cycle === undefined) return;
  const shown = cycle.length > 40 ? [...cycle.slice(0, 38), "…", ...cycle.slice(-1)] : cycle;
  const what = `tasks wait for each other in a circle: ${shown.map(visible).join(" → ")}`;
  findings.error("cycle", ["tasks", cycle[0] ?? "", "after"], what);
}

/** The names in a task's `after` (long form). */
export function upstreams(task: JsonObject): readonly string[] {
  const after = own(task, "after");
  if (isJsonObject(after)) return Object.keys(after);
  return Array.isArray(after) ? after.filter((name) => typeof name === "string") : [];
}

function checkAfter(
  name: string,
  after: readonly string[],
  edges: ReadonlyMap<string, readonly string[]>,
  tasks: Readonly<Record<string, JsonObject>>,
  findings: Findings,
): void {
  const seen = new Set<string>();
  const inMap = isJsonObject(own(tasks[name] ?? {}, "after"));
  for (const [at, upstream] of after.entries()) {
    const path = ["tasks", name, "after", inMap ? upstream : at];
    if (upstream === name) {
      findings.error("cycle", path, `the task ${quote(name)} waits for itself`, {
        fix: "remove its own name from `after`",
      });
    } else if (!edges.has(upstream)) {
      findings.error(
        "unknown-task",
        path,
        `there is no task ${quote(upstream)}`,
        findings.didYouMean(upstream, edges.keys()),
      );
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

/** Whether `task` waits for the other, directly or through others. */
export function waitsFor(edges: ReadonlyMap<string, readonly string[]>, task: string, other: string): boolean {
  const seen = new Set<string>([task]);
  for (const name of seen) {
    for (const upstream of edges.get(name) ?? []) {
      if (upstream === other) return true;
      seen.add(upstream);
    }
  }
  return false;
}
