import type { PoolSummary } from "@slipway/client";
import { oneLine } from "./style.ts";
import { table } from "./table.ts";
import { shortDuration } from "./time.ts";

/** Holders that a row names. */
const NAMED = 3;

/** One row for each pool; wide: all holders, and who waits. */
export function poolsTable(pools: readonly PoolSummary[], now: Date, wide: boolean): string {
  const head = ["pool", "slots", "used", "waiting", "oldest wait", "holders", ...(wide ? ["queue"] : [])];
  const rows = pools.map((pool) => {
    const { slots, used, waiting, oldestWait, holders, queue } = pool;
    const waited = oldestWait === undefined ? "-" : shortDuration(now.getTime() - Date.parse(oldestWait));
    const most = wide ? Infinity : NAMED;
    const people = [named(holders, most), ...(wide ? [named(queue, most)] : [])];
    return [oneLine(poolTitle(pool)), String(slots), String(used), String(waiting), waited, ...people];
  });
  return table(head, rows);
}

/** A pool by its name alone, anything else with what it is. */
export function poolTitle({ kind, name }: PoolSummary): string {
  return kind === "pool" ? name : `${kind} ${name}`;
}

function named(claims: PoolSummary["holders"], most: number): string {
  if (claims.length === 0) return "-";
  const names = claims.slice(0, most).map(({ dag, run, task, index }) => {
    const item = index === undefined ? "" : `[${index}]`;
    return `${dag}/${run}${task === undefined ? "" : ` ${task}${item}`}`;
  });
  const more = claims.length > names.length ? ` and ${claims.length - names.length} more` : "";
  return oneLine(`${names.join(", ")}${more}`);
}
