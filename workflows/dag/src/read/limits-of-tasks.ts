import type { CompiledDag } from "../compiled.ts";
import type { TaskName } from "../ids.ts";
import { isJsonObject, type Json, type JsonObject } from "../json.ts";
import { layersOf, limitWordsOf } from "../merge.ts";
import { turnOf } from "../pool/needs.ts";
import { own } from "../strategic-merge.ts";
import type { Findings } from "./findings.ts";
import type { Path } from "./path.ts";
import { quote } from "./say.ts";

/** Name → slots, of the pools that the operator has declared. */
export type Pools = Readonly<Record<string, number>>;

/**
 * What the tasks of a compiled DAG take of pools; without `pools` (nobody knows them where a file is only read) whether each names
 * one.
 */
export function checkPools(
  compiled: Pick<CompiledDag, "defaults" | "tasks">,
  pathOf: (task: TaskName) => Path,
  pools: Pools | undefined,
  findings: Findings,
): void {
  for (const task of compiled.tasks) {
    if (task.kind !== "pod") continue;
    const words = limitWordsOf(layersOf(compiled, task));
    if (words.pool === undefined) continue;
    const path = [...pathOf(task.name), "pool"];
    const need = turnOf(words).needs?.find(({ pool }) => pool.kind === "pool");
    if (need === undefined) findings.error("missing-field", path, "the `pool` has no `name`", { at: "key" });
    else if (pools !== undefined) checkPool(need.pool.name, need.slots, path, pools, findings);
  }
}

function checkPool(name: string, slots: number, path: Path, pools: Pools, findings: Findings): void {
  const size = Object.hasOwn(pools, name) ? pools[name] : undefined;
  if (size === undefined) {
    const known = Object.keys(pools);
    const none = known.length === 0 ? { fix: "no pools are declared: start the worker with `SLIPWAY_POOLS`" } : {};
    const more = { ...none, ...findings.didYouMean(name, known) };
    findings.error("unknown-pool", path, `there is no pool ${quote(name)}`, more);
  } else if (slots > size) {
    const has = size === 1 ? "1 slot" : `${size} slots`;
    findings.error("bad-value", path, `an attempt takes ${slots} slots of the pool ${quote(name)}, which has ${has}`, {
      fix: "take fewer, or let the operator make the pool larger",
    });
  }
}

/**
 * Work that must not run beside itself should say whether a lost pod may be replaced: that one may still be at it.
 * `layers`: of the task, the nearest first.
 */
export function warnMutex(layers: readonly JsonObject[], path: Path, findings: Findings): void {
  const mutex = firstOf(layers, (layer) => own(layer, "mutex"));
  if (mutex === undefined || mutex === null) return;
  const disruptions = firstOf(layers, (layer) => {
    const retries = own(layer, "retries");
    return isJsonObject(retries) ? own(retries, "disruptions") : undefined;
  });
  if (disruptions !== undefined) return;
  findings.warn(
    "mutex-disruptions",
    path,
    "the task has a `mutex`, and does not say whether it may be started again when its pod is lost",
    { at: "key" },
  );
}

function firstOf(layers: readonly JsonObject[], read: (layer: JsonObject) => Json | undefined): Json | undefined {
  return layers.map(read).find((value) => value !== undefined);
}
