import type { RunRef, SlipwayClient } from "@slipway/client";
import { Suggester } from "@slipway/dag";
import { usageError } from "./failure.ts";

/** A task, or one item of it. */
export interface NamedUnit {
  readonly task?: string;
  readonly index?: number;
}

/** `load`, `load[2026-11-20]`, `load[3]`: what stands in brackets is an item's key, else its position; `--index` is always a position. */
export async function unitNamed(
  client: Pick<SlipwayClient, "report">,
  run: RunRef,
  name: string | undefined,
  index: number | undefined,
): Promise<NamedUnit> {
  const [, task, key] = /^([^[\]]+)\[(.+)\]$/s.exec(name ?? "") ?? [];
  if (index !== undefined && name === undefined)
    throw usageError("--index is the position of an item of one task", "name the task too");
  if (task === undefined || key === undefined)
    return { ...(name !== undefined && { task: name }), ...(index !== undefined && { index }) };
  if (index !== undefined) throw usageError(`${name} and --index both name an item`, "write one of them");
  const { report } = await client.report(run);
  const items = report.tasks[task]?.items ?? [];
  const found = items.find((item) => item.key === key)?.index;
  const position = /^\d{1,5}$/.test(key) ? Number(key) : undefined;
  if (found !== undefined || position !== undefined) return { task, index: found ?? position ?? 0 };
  const near = new Suggester().suggest(
    key,
    items.map((item) => item.key),
  );
  throw usageError(
    `the task ${task} has no item ${JSON.stringify(key)}`,
    near === undefined ? `\`slipway get tasks ${run.run} -o json\` lists its items` : `did you mean ${task}[${near}]?`,
  );
}
