import type { RunSummary, SlipwayClient } from "@slipway/client";
import { z } from "zod";
import type { Call } from "../call.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { notYet } from "../failure.ts";
import { connectionFlags, outputFlags, readFlags, wholeNumber } from "../flags.ts";
import { print } from "../output.ts";
import { poolsTable } from "../pools-view.ts";
import { tasksTable } from "../report-view.ts";
import { withClient } from "../session.ts";
import { paintState, type Style, styleFor } from "../style.ts";
import { table } from "../table.ts";
import { shortDuration } from "../time.ts";

const Flags = z.object({
  ...connectionFlags,
  ...outputFlags,
  dag: z.string().exactOptional(),
  state: z.enum(["queued", "running", "paused", "succeeded", "failed", "cancelled"]).exactOptional(),
  limit: wholeNumber(1),
});

/** `get runs`, `get tasks [RUN]`, `get pools`. */
export async function run({ world, args, flags: given }: Call): Promise<ExitCode> {
  const flags = readFlags(Flags, given);
  const [what = "runs", name = "@latest"] = args;
  if (what === "dags") throw notYet(`slipway get ${what}`);
  const style = styleFor(world.env, world.out);
  return await withClient(world, flags, async (client) => {
    if (what === "tasks") return await getTasks(client, name);
    if (what === "pools") return await getPools(client);
    const { dag, state, limit } = flags;
    const runs = await client.listRuns({ limit, ...(dag && { dag }), ...(state && { state }) });
    if (runs.length === 0) world.err.write("no runs; start one with `slipway run FILE`\n");
    print(world, flags.output, {
      data: runs,
      names: runs.map(({ workflowId }) => workflowId),
      table: (wide) => runsTable(style, runs, world.now(), wide),
    });
    return EXIT.ok;
  });

  async function getPools(client: SlipwayClient): Promise<ExitCode> {
    const pools = await client.listPools();
    if (pools.length === 0) world.err.write("no pools; the worker declares them: SLIPWAY_POOLS=gpu=7\n");
    print(world, flags.output, {
      data: pools,
      names: pools.map(({ kind, name }) => `${kind}/${name}`),
      table: (wide) => poolsTable(pools, world.now(), wide),
    });
    return EXIT.ok;
  }

  async function getTasks(client: SlipwayClient, name: string): Promise<ExitCode> {
    const { report, note } = await client.report(await client.resolveRun(name));
    if (note !== undefined) world.err.write(`${note}\n`);
    const tasks = Object.entries(report.tasks);
    print(world, flags.output, {
      data: tasks.map(([task, found]) => ({ task, ...found })),
      names: tasks.map(([task]) => task),
      table: () => tasksTable(style, report),
    });
    return EXIT.ok;
  }
}

/** Newest first. */
export function runsTable(style: Style, runs: readonly RunSummary[], now: Date, wide: boolean): string {
  const head = ["run", "dag", "state", "age", "duration", ...(wide ? ["workflow id", "temporal run id"] : [])];
  const rows = runs.map((run) => {
    const { startedAt, closedAt } = run;
    const state = run.endedBy === undefined ? run.state : `${run.state} (${run.endedBy})`;
    return [
      run.run,
      run.dag ?? "-",
      paintState(style, run.state, state),
      shortDuration(now.getTime() - startedAt.getTime()),
      shortDuration((closedAt ?? now).getTime() - startedAt.getTime()),
      ...(wide ? [run.workflowId, run.temporalRunId] : []),
    ];
  });
  return table(head, rows);
}
