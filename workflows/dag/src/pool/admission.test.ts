import fc from "fast-check";
import { expect, test } from "vitest";
import { type Graph, graphFrom } from "../graph.ts";
import { isDagName, isRunId, type TaskName } from "../ids.ts";
import { EXIT3, graph, name, OK } from "../played.ts";
import { unitReport } from "../unit-report.ts";
import { apply, beginRun, isOver } from "../run-state.ts";
import { takeStarts } from "../starts.ts";
import type { RunState } from "../task-state.ts";
import { unitKey } from "../units.ts";
import { control } from "../controls.ts";
import { askAgain, type PoolAsk, type PoolWord, settleAdmissions } from "./admission.ts";
import type { PoolNeed } from "./needs.ts";
import { type Holder, poolWorkflowId } from "./pool-ref.ts";
import { applyToPool, newPool, type PoolAnswer, type PoolMessage, type PoolState, usedOf } from "./pool-state.ts";

const pool = (name: string, slots = 1): PoolNeed => ({ pool: { kind: "pool", name }, slots });
const mutex = (name: string): PoolNeed => ({ pool: { kind: "mutex", name }, slots: 1 });

interface Words {
  readonly needs?: Record<string, readonly PoolNeed[]>;
  readonly priority?: Record<string, number>;
  readonly window?: number;
  readonly limit?: number;
}

function limited(edges: Record<string, string>, { needs = {}, priority = {}, window = 100, limit = 0 }: Words): Graph {
  const nodes = [...graph(edges, { limit }).values()].map((node) => ({
    ...node,
    ...(needs[node.name] && { needs: needs[node.name] ?? [] }),
    ...(priority[node.name] !== undefined && { priority: priority[node.name] ?? 3 }),
  }));
  return graphFrom(nodes, new Map([["", { parallelism: window }]]));
}

/** One round of a run: what it starts, and what it says to pools. */
function round(dag: Graph, state: RunState) {
  const before = settleAdmissions(dag, state);
  const starts = takeStarts(dag, state).map(unitKey);
  return { starts, said: [...before, ...settleAdmissions(dag, state)] };
}
const brief = (asks: readonly PoolAsk[]) =>
  asks.map(({ kind, unit, pool: { name }, turn }) => `${kind} ${name} ${unitKey(unit)}#${turn}`);
const granted = (task: string, { pool: of }: PoolNeed, turn: number): PoolWord => ({
  pool: of,
  task: name(task),
  turn,
});
const ends = (task: string, attempt = 1, outcome = OK) =>
  ({ kind: "ended", task: name(task), attempt, outcome }) as const;

test("admission - a task starts once it holds what it needs, and gives it back at its verdict", () => {
  const dag = limited({ a: "", b: "" }, { needs: { a: [pool("gpu")] } });
  const { state } = beginRun(dag, "seed");
  const first = round(dag, state);
  expect([first.starts, brief(first.said)]).toEqual([["b"], ["request gpu a#1"]]);
  apply(dag, state, { kind: "pool", word: granted("a", pool("gpu"), 1) });
  expect(round(dag, state)).toEqual({ starts: ["a"], said: [] });
  apply(dag, state, ends("a"));
  expect(round(dag, state).said).toEqual([
    { kind: "release", pool: { kind: "pool", name: "gpu" }, unit: { task: "a" }, turn: 1 },
  ]);
});

test("admission - who waits says where, once by event; the report follows the place", () => {
  const dag = limited({ a: "" }, { needs: { a: [pool("gpu")] } });
  const { state } = beginRun(dag, "seed");
  round(dag, state);
  const place = (at: number) => ({ ...granted("a", pool("gpu"), 1), place: { at, of: 7, used: 2 } });
  expect(apply(dag, state, { kind: "pool", word: place(3) }).waits).toEqual([
    { task: "a", attempt: 1, turn: 1, reason: "pool gpu, 3rd of 7" },
  ]);
  expect(apply(dag, state, { kind: "pool", word: place(2) }).waits).toEqual([]);
  expect(unitReport(dag, state, { task: name("a") })).toEqual({
    state: "waiting",
    attempts: 0,
    reason: "pool gpu, 2nd of 7",
  });
});

test("admission - the mutex comes first, the pool's slot only with it in hand", () => {
  const dag = limited({ a: "" }, { needs: { a: [mutex("m"), pool("gpu")] } });
  const { state } = beginRun(dag, "seed");
  expect(brief(round(dag, state).said)).toEqual(["request m a#1"]);
  apply(dag, state, { kind: "pool", word: granted("a", mutex("m"), 1) });
  const second = round(dag, state);
  expect([second.starts, brief(second.said)]).toEqual([[], ["request gpu a#1"]]);
  apply(dag, state, { kind: "pool", word: granted("a", pool("gpu"), 1) });
  expect(round(dag, state).starts).toEqual(["a"]);
  apply(dag, state, ends("a"));
  expect(brief(round(dag, state).said)).toEqual(["release m a#1", "release gpu a#1"]);
});

test("admission - nothing is held during the delay before a retry, and the next try asks anew", () => {
  const dag = limited({ a: "" }, { needs: { a: [pool("gpu")] }, limit: 1 });
  const { state } = beginRun(dag, "seed");
  round(dag, state);
  apply(dag, state, { kind: "pool", word: granted("a", pool("gpu"), 1) });
  round(dag, state);
  apply(dag, state, ends("a", 1, EXIT3));
  expect(brief(round(dag, state).said)).toEqual(["release gpu a#1"]);
  apply(dag, state, { kind: "due", task: name("a") });
  expect(brief(round(dag, state).said)).toEqual(["request gpu a#2"]);
});

test("admission - of an attempt that we ended the pool is told that its pod may still run", () => {
  const dag = limited({ a: "" }, { needs: { a: [pool("gpu")] } });
  const { state } = beginRun(dag, "seed");
  round(dag, state);
  apply(dag, state, { kind: "pool", word: granted("a", pool("gpu"), 1) });
  round(dag, state);
  apply(dag, state, { kind: "cancel", reason: "enough" });
  apply(dag, state, ends("a"));
  expect(round(dag, state).said).toMatchObject([{ kind: "release", left: true }]);
});

test("admission - a paused run gives back what it does not use, and asks again when it goes on", () => {
  const dag = limited({ a: "", b: "", c: "" }, { needs: { a: [pool("gpu")], b: [pool("gpu")], c: [pool("gpu")] } });
  const { state } = beginRun(dag, "seed");
  round(dag, state);
  apply(dag, state, { kind: "pool", word: granted("a", pool("gpu"), 1) });
  round(dag, state);
  apply(dag, state, { kind: "pool", word: granted("b", pool("gpu"), 2) });
  control(dag, state, { kind: "pause" });
  expect(brief(round(dag, state).said)).toEqual(["release gpu b#2", "release gpu c#3"]);
  const late = apply(dag, state, { kind: "pool", word: granted("c", pool("gpu"), 3) });
  expect(brief(late.tells), "a grant that nobody waits for is given back").toEqual(["release gpu c#3"]);
  control(dag, state, { kind: "resume" });
  expect(brief(round(dag, state).said)).toEqual(["request gpu b#4", "request gpu c#5"]);
});

test("admission - a task that is skipped, or whose run is cancelled, waits no longer", () => {
  const dag = limited({ a: "", b: "" }, { needs: { a: [pool("gpu")], b: [pool("gpu")] } });
  const { state } = beginRun(dag, "seed");
  round(dag, state);
  control(dag, state, { kind: "skip", task: name("a") });
  expect(brief(round(dag, state).said)).toEqual(["release gpu a#1"]);
  apply(dag, state, { kind: "cancel", reason: "enough" });
  expect(brief(round(dag, state).said)).toEqual(["release gpu b#2"]);
  expect(isOver(state)).toBe(true);
});

test("admission - no more is asked for than may start, nor for more than fifty of a pool", () => {
  const many = Object.fromEntries(Array.from({ length: 70 }, (_, at) => [`t${at}`, ""]));
  const needs = Object.fromEntries(Object.keys(many).map((task) => [task, [pool("gpu")]]));
  const wide = limited(many, { needs });
  expect(round(wide, beginRun(wide, "seed").state).said).toHaveLength(50);
  const narrow = limited({ ...many, z: "" }, { needs, window: 3 });
  const { state } = beginRun(narrow, "seed");
  expect(brief(round(narrow, state).said)).toEqual(["request gpu t0#1", "request gpu t1#2", "request gpu t2#3"]);
  expect(state.running, "one without a pool does not wait behind them").toBe(1);
});

test("admission - what is handed on to another history is asked for again: an answer may have been lost", () => {
  const dag = limited({ a: "", b: "" }, { needs: { a: [pool("gpu")], b: [pool("gpu")] } });
  const { state } = beginRun(dag, "seed");
  round(dag, state);
  apply(dag, state, { kind: "pool", word: granted("a", pool("gpu"), 1) });
  const next: RunState = JSON.parse(JSON.stringify(state));
  expect(brief(askAgain(dag, next))).toEqual(["request gpu a#1", "request gpu b#2"]);
});

test("priority - who is ready goes in its order, then first come first served", () => {
  const dag = limited({ a: "", b: "", c: "", d: "" }, { priority: { a: 5, c: 1 }, window: 1 });
  const { state } = beginRun(dag, "seed");
  const order: string[] = [];
  for (let at = 0; at < 4; at += 1) {
    const [task = ""] = round(dag, state).starts;
    order.push(task);
    apply(dag, state, ends(task));
  }
  expect(order).toEqual(["c", "b", "d", "a"]);
});

/** Runs and their pools, with messages under way between them. */
class World {
  readonly pools = new Map<string, PoolState>();
  readonly runs: { readonly dag: Graph; readonly state: RunState; readonly running: Map<string, number> }[] = [];
  readonly #toPools: { readonly key: string; readonly message: PoolMessage }[] = [];
  readonly #toRuns: { readonly key: string; readonly answer: PoolAnswer }[] = [];
  readonly #sizes: Readonly<Record<string, number>>;

  constructor(sizes: Readonly<Record<string, number>>, dags: readonly Graph[]) {
    this.#sizes = sizes;
    for (const dag of dags) this.runs.push({ dag, state: beginRun(dag, "seed").state, running: new Map() });
    for (const [at] of this.runs.entries()) this.round(at);
  }

  round(at: number): void {
    const run = this.runs[at];
    if (run === undefined) return;
    this.#post(at, settleAdmissions(run.dag, run.state));
    for (const { task, attempt } of takeStarts(run.dag, run.state)) run.running.set(task, attempt);
    this.#post(at, settleAdmissions(run.dag, run.state));
  }

  #post(at: number, asks: readonly PoolAsk[]): void {
    for (const { pool: of, unit, ...message } of asks) {
      const holder = holderIn(at, unit.task);
      const key = poolWorkflowId("i", of);
      const whole = { ...message, holder };
      this.#toPools.push({ key, message: whole.kind === "request" ? { ...whole, since: "" } : whole });
    }
  }

  get quiet(): boolean {
    return this.#toPools.length + this.#toRuns.length === 0;
  }

  /** One message arrives: any of those under way, perhaps not for the last time. */
  deliver(which: number, again: boolean): void {
    const all = this.#toPools.length + this.#toRuns.length;
    if (all === 0) return;
    const at = which % all;
    if (at < this.#toPools.length) this.#atPool(at, again);
    else this.#atRun(at - this.#toPools.length, again);
  }

  #atPool(at: number, again: boolean): void {
    const letter = this.#toPools[at];
    if (letter === undefined) return;
    if (!again) this.#toPools.splice(at, 1);
    const state = this.pools.get(letter.key) ?? newPool(this.#sizes[letter.key] ?? 1);
    this.pools.set(letter.key, state);
    for (const answer of applyToPool(state, [letter.message])) this.#toRuns.push({ key: letter.key, answer });
  }

  #atRun(at: number, again: boolean): void {
    const letter = this.#toRuns[at];
    if (letter === undefined) return;
    if (!again) this.#toRuns.splice(at, 1);
    const { holder, ...word } = letter.answer;
    const index = Number(holder.run);
    const run = this.runs[index];
    const [kind = "", , of = ""] = letter.key.split("/");
    if (run === undefined || holder.task === undefined || (kind !== "pool" && kind !== "mutex")) return;
    const change = { kind: "pool", word: { ...word, pool: { kind, name: of }, task: holder.task } } as const;
    this.#post(index, apply(run.dag, run.state, change).tells);
    this.round(index);
  }

  /** An attempt of a run ends; where it failed it is tried again at once. */
  end(which: number, well: boolean): void {
    const all = this.runs.flatMap(({ running }, at) => [...running].map((one) => [at, ...one] as const));
    const [at, task, attempt] = all[which % (all.length || 1)] ?? [];
    const run = at === undefined ? undefined : this.runs[at];
    if (run === undefined || task === undefined || attempt === undefined || at === undefined) return;
    run.running.delete(task);
    apply(run.dag, run.state, ends(task, attempt, well ? OK : EXIT3));
    this.round(at);
    apply(run.dag, run.state, { kind: "due", task: name(task) });
    this.round(at);
  }

  /** Slots that running attempts take, by pool. */
  taken(): Map<string, number> {
    const taken = new Map<string, number>();
    for (const { dag, running } of this.runs)
      for (const task of running.keys())
        for (const { pool: of, slots } of dag.get(name(task))?.needs ?? []) {
          const key = poolWorkflowId("i", of);
          taken.set(key, (taken.get(key) ?? 0) + slots);
        }
    return taken;
  }
}

function holderIn(at: number, task: TaskName): Holder {
  const [dag, run] = ["d", String(at)];
  if (!isDagName(dag) || !isRunId(run)) throw new Error(run);
  return { chain: { workflowId: run, firstExecutionRunId: run }, cluster: "c", dag, run, task };
}

const anyNeeds = fc.constantFrom<readonly PoolNeed[]>(
  [],
  [pool("gpu")],
  [pool("gpu", 2)],
  [mutex("m")],
  [mutex("m"), pool("gpu")],
  [mutex("n"), pool("db")],
);
const anyDag = fc.array(anyNeeds, { minLength: 1, maxLength: 6 }).map((all) =>
  limited(Object.fromEntries(all.map((_, at) => [`t${at}`, ""])), {
    needs: Object.fromEntries(all.map((needs, at) => [`t${at}`, needs])),
    window: 4,
    limit: 1,
  }),
);
const anyStep = fc.record({ what: fc.constantFrom("deliver", "deliver", "again", "end", "fail"), which: fc.nat(1000) });

test("admission - whatever comes in what order and how often: limits hold, and every task runs in the end", () => {
  const sizes: Record<string, number> = { "pool/i/gpu": 2, "pool/i/db": 1 };
  fc.assert(
    fc.property(
      fc.array(anyDag, { minLength: 1, maxLength: 3 }),
      fc.array(anyStep, { maxLength: 80 }),
      (dags, steps) => {
        const world = new World(sizes, dags);
        const check = () => {
          for (const [key, used] of world.taken()) expect(used).toBeLessThanOrEqual(sizes[key] ?? 1);
          for (const [key, state] of world.pools) expect(usedOf(state)).toBeLessThanOrEqual(sizes[key] ?? 1);
        };
        for (const { what, which } of steps) {
          if (what === "end" || what === "fail") world.end(which, what === "end");
          else world.deliver(which, what === "again");
          check();
        }
        for (let more = 0; world.runs.some(({ state }) => !isOver(state)) || !world.quiet; more += 1) {
          expect(more, "no circle of waiting").toBeLessThan(2000);
          if (world.quiet) world.end(more, true);
          else world.deliver(0, false);
          check();
        }
        for (const state of world.pools.values()) expect(state.entries).toEqual({});
      },
    ),
  );
});
