import type { Controlled, ControlFields, RunRef, SlipwayClient } from "@slipway/client";
import { type ControlKind, REJECT, SlipwayError } from "@slipway/dag";
import { z } from "zod";
import type { Call, VerbModule } from "../call.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { usageError } from "../failure.ts";
import { connectionFlags, outputFlags, readFlags, wholeNumber } from "../flags.ts";
import { titleOf } from "../item-view.ts";
import { print } from "../output.ts";
import { withClient } from "../session.ts";
import { oneLine, paintState, styleFor } from "../style.ts";
import { table } from "../table.ts";
import { unitNamed } from "../unit-name.ts";
import { whoFlags, whoOf } from "../who.ts";

const Flags = z.object({
  ...connectionFlags,
  ...outputFlags,
  ...whoFlags,
  dryRun: z.literal(true).exactOptional(),
  index: wholeNumber(0).exactOptional(),
  choice: z.string().exactOptional(),
  upstream: z.literal(true).exactOptional(),
  downstream: z.boolean().exactOptional(),
});

/** `done`: how the sentence on stderr begins where it was not a dry run. */
export async function control(call: Call, kind: ControlKind, done: string, own: ControlFields): Promise<ExitCode> {
  const { world, args } = call;
  const flags = readFlags(Flags, call.flags);
  const { dryRun, upstream, downstream } = flags;
  const chosen = kind === "clear" ? { ...(upstream && { upstream }), ...(downstream === false && { downstream }) } : {};
  const fields = { ...own, ...chosen, ...whoOf(flags, world), ...(dryRun && { dryRun }) };
  return await withClient(world, flags, async (client) => {
    const run = await client.resolveRun(args[0] ?? "");
    const unit = await unitNamed(client, run, own.task, flags.index);
    const answer = await ask(client, run, kind, { ...fields, ...unit });
    const { state, changes, next } = answer;
    const where =
      next === undefined ? `${run.dag}/${run.run}` : `${run.dag}/${run.run} as ${next.dag}/${next.run}, a new run`;
    world.err.write(
      `${dryRun ? "dry run, nothing is changed: " : ""}${done} ${where}; ${countOf(changes)} ${dryRun ? "would change" : "changed"}\n`,
    );
    const style = styleFor(world.env, world.out);
    const shown = flags.output === "wide" ? changes : few(changes);
    const rows = shown.map(({ task, index, from, to }) => [
      titleOf(task, index),
      paintState(style, from),
      paintState(style, to),
    ]);
    if (shown.length < changes.length) rows.push([`… ${changes.length - shown.length} more items`, "", ""]);
    print(world, flags.output, {
      data: { run: (next ?? run).run, dag: run.dag, state, changes },
      names: changes.map(({ task, index }) => titleOf(task, index)),
      table: () => (kind === "setParams" ? fieldsTable(changes) : table(["task", "from", "to"], rows)),
    });
    return EXIT.ok;
  });
}

/** What of each task is another now; of the last ones of a long list only the names. */
function fieldsTable(changes: Changes): string {
  const rows = changes.flatMap(({ task, fields = [{ field: "…", from: "", to: "" }] }) =>
    fields.map(({ field, from, to }) => [task, field, oneLine(from), oneLine(to)]),
  );
  return table(["task", "field", "from", "to"], rows);
}

/** A closed run takes no control: what would run again there, runs in a new run that goes on from it (`next`). */
async function ask(
  client: SlipwayClient,
  run: RunRef,
  kind: ControlKind,
  fields: ControlFields,
): Promise<Controlled & { readonly next?: RunRef }> {
  try {
    return await client.control(run, kind, fields);
  } catch (error) {
    const isClosed = error instanceof SlipwayError && error.problems[0]?.code === "run-closed";
    if (!isClosed || (kind !== "retry" && kind !== "clear")) throw error;
    const { run: next, ...answer } = await client.rerun(run, kind, fields);
    return { ...answer, ...(next && { next }) };
  }
}

type Changes = Controlled["changes"];

/** Items of one task that are listed; `-o wide` lists all. */
const ITEMS = 20;

function few(changes: Changes): Changes {
  const counts = new Map<string, number>();
  return changes.filter(({ task, index }) => {
    const count = (counts.get(task) ?? 0) + (index === undefined ? 0 : 1);
    counts.set(task, count);
    return index === undefined || count <= ITEMS;
  });
}

/** `2 tasks and 40 items` */
function countOf(changes: Changes): string {
  const items = changes.filter(({ index }) => index !== undefined).length;
  const tasks = changes.length - items;
  const told = [
    ...(tasks > 0 || items === 0 ? [plural(tasks, "task")] : []),
    ...(items > 0 ? [plural(items, "item")] : []),
  ];
  return told.join(" and ");
}

function plural(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

function verb(kind: ControlKind, done: string): VerbModule {
  return { run: (call) => control(call, kind, done, call.args[1] === undefined ? {} : { task: call.args[1] }) };
}

export const pause: VerbModule = verb("pause", "paused");
export const unpause: VerbModule = verb("resume", "resumed");
export const skip: VerbModule = verb("skip", "skipped in");
export const retry: VerbModule = verb("retry", "retried");
export const clear: VerbModule = verb("clear", "cleared in");
export const cancelRun: VerbModule = verb("cancel", "cancelled");
export const cancelTask: VerbModule = verb("cancelTask", "cancelled in");

/** `otherwise`: the option where `--choice` names none. */
function answer(otherwise: string): VerbModule {
  return {
    run: async (call) => {
      const [, task = ""] = call.args;
      const { choice = otherwise } = readFlags(Flags, call.flags);
      return await control(call, "approve", `answered ${choice} in`, { task, choice });
    },
  };
}

export const approve: VerbModule = answer("approve");
export const reject: VerbModule = answer(REJECT);

const Mark = z.enum(["succeeded", "failed", "skipped"]);

export const mark: VerbModule = {
  run: async (call) => {
    const [, task = "", word] = call.args;
    const state = Mark.safeParse(word);
    if (!state.success) throw usageError(`a task is marked ${Mark.options.join(", ")}, not ${JSON.stringify(word)}`);
    return await control(call, "mark", "marked in", { task, state: state.data });
  },
};
