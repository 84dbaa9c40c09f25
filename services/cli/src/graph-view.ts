import {
  type Graph,
  type GraphNode,
  type RunState,
  type TaskName,
  taskReport,
  type TaskReport,
  verdict,
} from "@slipway/dag";
import { paintState, type Style } from "./style.ts";

/** A graph, and what a rehearsal made of it. */
export interface GraphPicture {
  readonly dag: string;
  readonly graph: Graph;
  readonly played?: RunState;
}

export const GRAPH_FORMATS = ["text", "json", "dot", "mermaid"] as const;
export type GraphFormat = (typeof GRAPH_FORMATS)[number];

export function graphView(picture: GraphPicture, format: Exclude<GraphFormat, "text">): string {
  switch (format) {
    case "json":
      return `${JSON.stringify(graphData(picture), null, 2)}\n`;
    case "dot":
      return dot(picture);
    case "mermaid":
      return mermaid(picture);
  }
}

function graphData({ dag, graph, played }: GraphPicture): unknown {
  const tasks = [...graph.values()].map(({ name, kind, group, final, after, gate, each, asks }) => ({
    name,
    kind,
    ...(group !== undefined && { group }),
    ...(final && { finally: true }),
    ...(each && { forEach: true }),
    ...(asks && { if: true }),
    after: gate.kind === "edges" ? Object.fromEntries(after.map((upstream, at) => [upstream, gate.edges[at]])) : after,
    ...(gate.kind === "rule" && after.length > 0 && { rule: gate.rule }),
    ...(played && endOf(graph, played, name)),
  }));
  return { dag, ...(played && { state: verdict(graph, played) }), tasks };
}

/** How a task ended, and why. */
function endOf(graph: Graph, played: RunState, name: TaskName): Pick<TaskReport, "state" | "reason"> {
  const { state, reason, message } = taskReport(graph, played, name);
  const why = reason ?? (state === "failed" && graph.get(name)?.kind === "group" ? message : undefined);
  return { state, ...(why === undefined ? {} : { reason: why }) };
}

function edges(graph: Graph): readonly (readonly [from: string, to: string, label: string])[] {
  return [...graph.values()].flatMap(({ name, after, gate }) =>
    after.map(
      (upstream, at) => [upstream, name, gate.kind === "edges" ? (gate.edges[at] ?? []).join(", ") : ""] as const,
    ),
  );
}

function dot({ dag, graph }: GraphPicture): string {
  const nodes = [...graph.keys()].map((name) => `  ${JSON.stringify(name)};\n`);
  const arrows = edges(graph).map(([from, to, label]) => {
    const said = label === "" ? "" : ` [label=${JSON.stringify(label)}]`;
    return `  ${JSON.stringify(from)} -> ${JSON.stringify(to)}${said};\n`;
  });
  return `digraph ${JSON.stringify(dag)} {\n  rankdir=LR;\n${[...nodes, ...arrows].join("")}}\n`;
}

/** Ids are positions: a task's name may be a word of mermaid's. */
function mermaid({ graph }: GraphPicture): string {
  const ids = new Map([...graph.keys()].map((name, at): [string, string] => [name, `t${at}`]));
  const nodes = [...ids].map(([name, id]) => `  ${id}["${name}"]\n`);
  const arrows = edges(graph).map(([from, to, label]) => {
    const said = label === "" ? "" : `|${label}|`;
    return `  ${ids.get(from) ?? ""} -->${said} ${ids.get(to) ?? ""}\n`;
  });
  return `graph LR\n${[...nodes, ...arrows].join("")}`;
}

/**
 * The graph as a tree: each task once, under the upstream that leads the longest way to it; its other upstreams are named
 * behind `←`. What would stand too far to the right goes on at the margin.
 */
export function drawGraph({ dag, graph, played }: GraphPicture, style: Style, columns: number): string {
  const under = childrenOf(graph);
  const deepest = Math.max(2, Math.floor((columns - 30) / INDENT));
  const lines: string[] = [];
  const roots: { readonly node: GraphNode; readonly goesOn: boolean }[] = (under.get(undefined) ?? []).map((node) => ({
    node,
    goesOn: false,
  }));
  for (const { node, goesOn } of roots) {
    const stack = [{ node, rail: "", branch: "", depth: 0 }];
    for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
      const { node: here, rail, branch, depth } = top;
      const notes = notesOf(here, goesOn && here === node ? undefined : parentOf(graph, here)?.name);
      lines.push(
        fitted({ head: rail + branch, name: here.name, notes, end: endText(graph, played, here) }, style, columns),
      );
      const children = under.get(here.name) ?? [];
      if (depth + 1 >= deepest) roots.push(...children.map((child) => ({ node: child, goesOn: true })));
      else {
        const inner = depth === 0 ? "" : `${rail}${branch.startsWith("├") ? "│  " : "   "}`;
        const last = children.length - 1;
        stack.push(
          ...children
            .map((child, at) => ({ node: child, rail: inner, branch: at === last ? "└─ " : "├─ ", depth: depth + 1 }))
            .toReversed(),
        );
      }
    }
  }
  const title = `${style.bold(dag)}  ${graph.size} task${graph.size === 1 ? "" : "s"}`;
  const state = played === undefined ? "" : `  ${paintState(style, verdict(graph, played))}`;
  return `${[title + state, ...lines].join("\n")}\n`;
}

const INDENT = 3;

/** Under each task, and under nothing, what is drawn there, in the order it was written. */
function childrenOf(graph: Graph): ReadonlyMap<TaskName | undefined, readonly GraphNode[]> {
  const level = levels(graph);
  const under = new Map<TaskName | undefined, GraphNode[]>();
  for (const node of graph.values()) {
    const parent = parentOf(graph, node, level)?.name;
    const siblings = under.get(parent);
    if (siblings === undefined) under.set(parent, [node]);
    else siblings.push(node);
  }
  return under;
}

/** The upstream on the longest way; of a task of a group that waits for none, the group. */
function parentOf(
  graph: Graph,
  node: GraphNode,
  level: ReadonlyMap<TaskName, number> = levels(graph),
): GraphNode | undefined {
  let best: GraphNode | undefined;
  for (const name of node.after) {
    const upstream = graph.get(name);
    const isDeeper = (level.get(name) ?? 0) > (best === undefined ? -1 : (level.get(best.name) ?? 0));
    if (upstream !== undefined && isDeeper) best = upstream;
  }
  return best ?? (node.group === undefined ? undefined : graph.get(node.group));
}

const known = new WeakMap<Graph, ReadonlyMap<TaskName, number>>();

/** Steps of the longest way to each task. A work list, not recursion: a chain may be 10,000 tasks long. */
function levels(graph: Graph): ReadonlyMap<TaskName, number> {
  const before = known.get(graph);
  if (before !== undefined) return before;
  const level = new Map<TaskName, number>();
  const open = new Map([...graph.values()].map(({ name, after }) => [name, after.length]));
  const ready = [...graph.values()].filter(({ after }) => after.length === 0);
  for (const { name, after, before: next } of ready) {
    level.set(name, Math.max(-1, ...after.map((upstream) => level.get(upstream) ?? 0)) + 1);
    for (const each of next) {
      const left = (open.get(each) ?? 0) - 1;
      open.set(each, left);
      const node = graph.get(each);
      if (left === 0 && node !== undefined) ready.push(node);
    }
  }
  known.set(graph, level);
  return level;
}

/** What the picture does not show by itself. */
function notesOf({ kind, after, gate, final, each, asks }: GraphNode, parent: TaskName | undefined): string {
  const accepted = (at: number): string => (gate.kind === "edges" ? ` (${(gate.edges[at] ?? []).join(", ")})` : "");
  const others = after.flatMap((name, at) =>
    name === parent && gate.kind === "rule" ? [] : [`${name}${accepted(at)}`],
  );
  const shown = others.length > MOST ? [...others.slice(0, MOST), `${others.length - MOST} more`] : others;
  return [
    ...(kind === "pod" ? [] : [kind]),
    ...(each === undefined ? [] : ["forEach"]),
    ...(asks ? ["if"] : []),
    ...(final ? ["finally"] : []),
    ...(gate.kind === "rule" && gate.rule !== (final ? "all_done" : "all_success") ? [gate.rule] : []),
    ...(shown.length === 0 ? [] : [`← ${shown.join(", ")}`]),
  ].join("  ");
}

const MOST = 5;

function endText(
  graph: Graph,
  played: RunState | undefined,
  { name }: GraphNode,
): readonly [state: string, why: string] {
  if (played === undefined) return ["", ""];
  const { state, reason } = endOf(graph, played, name);
  return [state, reason ?? ""];
}

interface Line {
  readonly head: string;
  readonly name: string;
  readonly notes: string;
  readonly end: readonly [state: string, why: string];
}

/** On one line of the terminal: the state stays, what explains is cut. */
function fitted({ head, name, notes, end: [state, why] }: Line, style: Style, columns: number): string {
  const fixed = [head + name, state].filter((text) => text !== "").join("  ");
  const more = [why, notes].filter((text) => text !== "").join("  ");
  const room = columns - fixed.length - 2;
  const cut = more.length <= room ? more : room < 2 ? "" : `${more.slice(0, room - 1)}…`;
  const parts = [
    style.dim(head) + name,
    state === "" ? "" : paintState(style, state),
    cut === "" ? "" : style.dim(cut),
  ];
  return parts.filter((text) => text !== "").join("  ");
}
