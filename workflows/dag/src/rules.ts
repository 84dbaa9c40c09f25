/** The states a task ends in. A state, once settled, never changes within a run's pass. */
export type SettledState = "succeeded" | "failed" | "skipped" | "upstream_failed";

/** Airflow's trigger rules, by its names. */
export const RULES = [
  "all_success",
  "all_failed",
  "all_done",
  "all_done_min_one_success",
  "all_skipped",
  "one_success",
  "one_failed",
  "one_done",
  "none_failed",
  "none_failed_min_one_success",
  "none_skipped",
  "always",
] as const;
export type Rule = (typeof RULES)[number];

/** What an edge may accept: `failed` matches `upstream_failed` too, `done` every state. */
export const EDGE_STATES = ["succeeded", "failed", "skipped", "done"] as const;
export type EdgeState = (typeof EDGE_STATES)[number];

/** What a task asks of its upstreams. `edges`: what each accepts, in the order of the task's `after`. */
export type Gate =
  | { readonly kind: "rule"; readonly rule: Rule }
  | { readonly kind: "edges"; readonly edges: readonly (readonly EdgeState[])[] };

export const ALL_SUCCESS: Gate = { kind: "rule", rule: "all_success" };

/** What a gate says of a task, given its upstreams; `undefined` is an upstream not yet settled. */
export type GateVerdict = "run" | "skip" | "upstream_failed" | "wait";

type Upstreams = readonly (SettledState | undefined)[];

/**
 * The verdict depends on the upstreams' final states, never on their order: `run` and `upstream_failed` are told as soon as no
 * further upstream can change them, `skip` only when all are done. (At the first skip, as Airflow does, the same upstreams
 * would give `skipped` or `upstream_failed` by timing.) Without upstreams every gate is open.
 */
export function gateVerdict(gate: Gate, upstreams: Upstreams): GateVerdict {
  const tally = emptyTally(upstreams.length);
  for (const [at, state] of upstreams.entries()) if (state !== undefined) addToTally(tally, gate, at, state);
  return tallyVerdict(gate, tally);
}

/** Upstreams, counted: all that a gate looks at. */
export interface Tally {
  readonly all: number;
  open: number;
  succeeded: number;
  skipped: number;
  failed: number;
  upstream_failed: number;
  /** Ended in a state that their edge does not accept, by failing or otherwise. */
  readonly unmet: { bad: number; other: number };
}

/** Of so many upstreams none has settled. */
export function emptyTally(all: number): Tally {
  const none = { succeeded: 0, skipped: 0, failed: 0, upstream_failed: 0 };
  return { all, open: all, ...none, unmet: { bad: 0, other: 0 } };
}

/** The upstream at this place of `after` has settled so; with `by` -1, that is taken back. */
export function addToTally(tally: Tally, gate: Gate, at: number, state: SettledState, by: 1 | -1 = 1): void {
  tally.open -= by;
  tally[state] += by;
  if (gate.kind === "rule" || accepts(gate.edges[at] ?? [], state)) return;
  tally.unmet[state === "failed" || state === "upstream_failed" ? "bad" : "other"] += by;
}

/** `gateVerdict` of upstreams that have been counted. */
export function tallyVerdict(gate: Gate, tally: Tally): GateVerdict {
  if (tally.all === 0) return "run";
  if (gate.kind === "edges") return edgesVerdict(tally);
  return RULE[gate.rule]({ ...tally, bad: tally.failed + tally.upstream_failed });
}

interface Counts extends Tally {
  /** failed or upstream_failed */
  readonly bad: number;
}

const RULE: Readonly<Record<Rule, (counts: Counts) => GateVerdict>> = {
  all_success: (of) => unlessBad(of, of.skipped > 0 ? "skip" : "run"),
  all_failed: (of) => whenDone(of, of.bad === of.all ? "run" : "skip"),
  all_done: (of) => whenDone(of, "run"),
  all_done_min_one_success: (of) =>
    whenDone(of, of.skipped > 0 ? "skip" : of.succeeded > 0 ? "run" : "upstream_failed"),
  all_skipped: (of) => whenDone(of, of.skipped === of.all ? "run" : "skip"),
  one_success: (of) => (of.succeeded > 0 ? "run" : whenDone(of, of.skipped === of.all ? "skip" : "upstream_failed")),
  one_failed: (of) => (of.bad > 0 ? "run" : whenDone(of, "skip")),
  one_done: (of) => (of.succeeded + of.failed > 0 ? "run" : whenDone(of, "skip")),
  none_failed: (of) => unlessBad(of, "run"),
  none_failed_min_one_success: (of) => unlessBad(of, of.succeeded > 0 ? "run" : "skip"),
  none_skipped: (of) => whenDone(of, of.skipped > 0 ? "skip" : "run"),
  always: () => "run",
};

function whenDone(of: Counts, verdict: GateVerdict): GateVerdict {
  return of.open > 0 ? "wait" : verdict;
}

function unlessBad(of: Counts, verdict: GateVerdict): GateVerdict {
  return of.bad > 0 ? "upstream_failed" : whenDone(of, verdict);
}

/** An edge that a failed upstream does not meet wins over one that another state does not meet. */
function edgesVerdict({ open, unmet }: Tally): GateVerdict {
  if (unmet.bad > 0) return "upstream_failed";
  if (open > 0) return "wait";
  return unmet.other > 0 ? "skip" : "run";
}

function accepts(edge: readonly EdgeState[], state: SettledState): boolean {
  return edge.includes("done") || edge.includes(state === "upstream_failed" ? "failed" : state);
}

/** Why a task whose gate said `skip` does not run; the same whatever order its upstreams ended in. */
export function skipReason(gate: Gate): string {
  if (gate.kind === "edges") return "an upstream ended in a state that its edge does not accept";
  switch (gate.rule) {
    case "all_success":
    case "none_skipped":
    case "all_done_min_one_success":
      return "an upstream was skipped";
    default:
      return `its upstreams do not meet ${gate.rule}`;
  }
}
