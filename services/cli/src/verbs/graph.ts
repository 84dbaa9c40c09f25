import {
  type Graph,
  graphOf,
  isTaskName,
  REJECT,
  rehearse,
  REHEARSED_ENDS,
  type RehearsedEnd,
  Suggester,
  type TaskName,
} from "@slipway/dag";
import { z } from "zod";
import type { Call } from "../call.ts";
import { loadRunnable } from "../dag-files.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { usageError } from "../failure.ts";
import { paramFlags, readFlags } from "../flags.ts";
import { drawGraph, GRAPH_FORMATS, type GraphPicture, graphView } from "../graph-view.ts";
import { styleFor } from "../style.ts";

const Flags = z.object({
  ...paramFlags,
  dag: z.string().exactOptional(),
  if: z.array(z.string()).exactOptional(),
  output: z.enum(GRAPH_FORMATS),
});

/** Columns where no terminal cuts lines: a pipe, a log. */
const UNBOUND = 200;

/** Draws a DAG; with `--if` also how each task ends, and why, when the named ones end as they say. No server is asked. */
export async function run({ world, args, flags: given }: Call): Promise<ExitCode> {
  const flags = readFlags(Flags, given);
  const { compiled } = loadRunnable(world, args[0] ?? "", flags);
  const graph = graphOf(compiled);
  const played = flags.if === undefined ? {} : { played: rehearse(graph, endsOf(graph, flags.if)) };
  const picture: GraphPicture = { dag: compiled.dag, graph, ...played };
  const text =
    flags.output === "text"
      ? drawGraph(picture, styleFor(world.env, world.out), world.out.isTTY ? world.out.columns : UNBOUND)
      : graphView(picture, flags.output);
  world.out.write(text);
  return EXIT.ok;
}

/** `full=failed,delta=skipped`, of an approval also an answer, `review=ship`; an empty text plays a run in which all goes well. */
function endsOf(graph: Graph, texts: readonly string[]): ReadonlyMap<TaskName, RehearsedEnd> {
  const pairs = texts.flatMap((text) => text.split(",")).filter((pair) => pair.trim() !== "");
  return new Map(pairs.map((pair) => endOf(graph, pair.trim())));
}

function endOf(graph: Graph, pair: string): readonly [TaskName, RehearsedEnd] {
  const [name = "", word = ""] = pair.split("=");
  const node = isTaskName(name) ? graph.get(name) : undefined;
  if (node === undefined) {
    const near = new Suggester().suggest(name, graph.keys());
    throw usageError(
      `--if: there is no task ${JSON.stringify(name)}`,
      near === undefined ? undefined : `did you mean ${near}?`,
    );
  }
  if (node.kind === "group") throw usageError(`--if: ${name} is a group`, "say how its tasks end; its own end follows");
  const { options = [] } = node.approval ?? {};
  const answered = word === REJECT ? "failed" : "succeeded";
  const end = options.includes(word) ? answered : REHEARSED_ENDS.find((each) => each === word);
  const ends = [...options, ...REHEARSED_ENDS].map((each) => `${name}=${each}`);
  if (end === undefined) throw usageError(`--if: ${JSON.stringify(word)} is no end`, ends.join(", "));
  return [node.name, end];
}
