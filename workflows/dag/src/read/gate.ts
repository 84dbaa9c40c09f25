import type { Gate, Rule } from "../rules.ts";
import { RULES } from "../rules.ts";
import type { JsonObject } from "../json.ts";
import { own } from "../strategic-merge.ts";
import type { Findings } from "./findings.ts";
import type { Layer } from "./layer.ts";
import type { Path } from "./path.ts";
import { listed } from "./say.ts";
import { upstreams } from "./graph-check.ts";

/** What a task asks of its upstreams, where it is not `all_success`; under `finally` they need only be done. */
export function gateOf(
  { after, rule: given }: Pick<Layer, "after" | "rule">,
  final: boolean,
): { readonly gate?: Gate } {
  const rule = given ?? (final ? "all_done" : undefined);
  if (after !== undefined && !Array.isArray(after)) return { gate: { kind: "edges", edges: Object.values(after) } };
  return rule === undefined || rule === "all_success" ? {} : { gate: { kind: "rule", rule } };
}

/** `rule` judges the edges of a list together; in a map each has its own states, so there is nothing left to judge. */
export function checkGate(task: JsonObject, path: Path, findings: Findings): void {
  if (own(task, "rule") === undefined || Array.isArray(own(task, "after") ?? [])) return;
  findings.error("bad-value", [...path, "rule"], "`rule` and the map form of `after` stand together", {
    at: "key",
    fix: "write `after` as a list beside `rule`, or leave `rule` out: the map says what each edge accepts",
  });
}

/**
 * A leaf that runs whatever its upstreams do hides their failure: the run's verdict asks leaves. Told of upstreams that no
 * other task could tell of. What must run at the end belongs under `finally`.
 */
export function warnHiding(tasks: Readonly<Record<string, JsonObject>>, section: Path, findings: Findings): void {
  const waiting = new Map<string, string[]>();
  for (const [name, task] of Object.entries(tasks))
    for (const upstream of upstreams(task)) {
      const known = waiting.get(upstream);
      if (known === undefined) waiting.set(upstream, [name]);
      else known.push(name);
    }
  const hides = (name: string): boolean => !waiting.has(name) && runsAnyway(tasks[name] ?? {});
  for (const [name, task] of Object.entries(tasks)) {
    if (!hides(name)) continue;
    const hidden = upstreams(task).filter((upstream) => waiting.get(upstream)?.every(hides));
    if (hidden.length === 0) continue;
    const what = `the run will be green when ${listed(hidden.slice(0, 5), "or")} ${hidden.length > 5 ? "… " : ""}fails: nothing but ${listed([name])} waits for it, and that runs anyway`;
    findings.warn("hidden-failure", [...section, name], what, { at: "key" });
  }
}

const ANYWAY: readonly Rule[] = RULES.filter((rule) => rule === "all_done" || rule === "always");

/** With an `if` it may be skipped, and then its upstreams are asked. */
function runsAnyway(task: JsonObject): boolean {
  const after = own(task, "after");
  if (own(task, "if") !== undefined) return false;
  if (Array.isArray(after)) return ANYWAY.some((rule) => rule === own(task, "rule"));
  return Object.values(after ?? {}).every((states: unknown) => Array.isArray(states) && states.includes("done"));
}
