import type { Environment } from "@marcbachmann/cel-js";
import { formatTime, timeOf } from "./time.ts";
import { jsonOf } from "./json-value.ts";

/** Elements that `range` and `dates` give at most. */
const ELEMENTS = 10_000;
const DAY_MS = 86_400_000;

type Num = bigint | number;
type Values = Iterable<unknown>;

/** Numbers of both kinds together, null compared with anything, and the functions that CEL lacks (dag-format.md §2, §3.5). */
export function withFunctions(environment: Environment): Environment {
  arithmetic(environment);
  for (const type of ["int", "double", "string", "bool", "list", "map"])
    environment.registerOperator(`${type} == null`, () => false);
  return environment
    .registerFunction("string(google.protobuf.Timestamp): string", (time: Date) =>
      formatTime(time, "%Y-%m-%dT%H:%M:%SZ"),
    )
    .registerFunction("ds(google.protobuf.Timestamp): string", (time: Date) => formatTime(time, "%Y-%m-%d"))
    .registerFunction("strftime(google.protobuf.Timestamp, string): string", formatTime)
    .registerFunction("json(dyn): string", (value: unknown) => JSON.stringify(known(jsonOf(value))))
    .registerFunction("range(int): list<int>", range)
    .registerFunction("dates(google.protobuf.Timestamp, google.protobuf.Timestamp): list<string>", dates)
    .registerFunction("sum(list): dyn", (list: Values) => numbers(list, "sum").reduce(plus, 0n))
    .registerFunction("min(list): dyn", (list: Values) => extreme(list, "min", (a, b) => a < b))
    .registerFunction("max(list): dyn", (list: Values) => extreme(list, "max", (a, b) => a > b))
    .registerFunction("min(dyn, dyn): dyn", (a: unknown, b: unknown) => extreme([a, b], "min", (x, y) => x < y))
    .registerFunction("max(dyn, dyn): dyn", (a: unknown, b: unknown) => extreme([a, b], "max", (x, y) => x > y))
    .registerFunction("sort(list<dyn>): list<dyn>", (list: Values) => sorted([...list]))
    .registerFunction("flatten(list<dyn>): list<dyn>", (list: Values) => [...list].flat())
    .registerFunction("string.replace(string, string): string", replace)
    .registerFunction("replace(string, string, string): string", replace);
}

const MIXED: readonly (readonly [string, (a: number, b: number) => number])[] = [
  ["+", (a, b) => a + b],
  ["-", (a, b) => a - b],
  ["*", (a, b) => a * b],
  ["/", (a, b) => a / b],
];

/** CEL has no `int + double`; the result is a double, as in every language people come from. */
function arithmetic(environment: Environment): void {
  for (const [sign, of] of MIXED) {
    environment
      .registerOperator(`int ${sign} double`, (a: bigint, b: number) => of(Number(a), b))
      .registerOperator(`double ${sign} int`, (a: number, b: bigint) => of(a, Number(b)));
  }
  environment.registerOperator("int == double", (a: bigint, b: number) => Number(a) === b);
}

function range(count: bigint): bigint[] {
  if (count < 0n || count > ELEMENTS) throw new Error(`range takes a number from 0 to ${ELEMENTS}`);
  return Array.from({ length: Number(count) }, (_, at) => BigInt(at));
}

/** The days of [from, to), by UTC. */
function dates(from: Date, to: Date): string[] {
  const first = Math.floor(from.getTime() / DAY_MS);
  const count = Math.ceil(to.getTime() / DAY_MS) - first;
  if (count > ELEMENTS) throw new Error(`dates gives at most ${ELEMENTS} days`);
  return Array.from({ length: Math.max(0, count) }, (_, at) => formatTime(timeOf((first + at) * DAY_MS), "%Y-%m-%d"));
}

function numbers(list: Values, name: string): Num[] {
  return [...list].map((each) => {
    if (typeof each === "bigint" || typeof each === "number") return each;
    throw new Error(`${name} takes a list of numbers, and one of them is ${each === null ? "null" : "not one"}`);
  });
}

function plus(a: Num, b: Num): Num {
  return typeof a === "bigint" && typeof b === "bigint" ? a + b : Number(a) + Number(b);
}

function extreme(list: Values, name: string, before: (a: Num | string, b: Num | string) => boolean): Num | string {
  const [first, ...rest] = comparable([...list], name);
  if (first === undefined) throw new Error(`${name} of an empty list`);
  return rest.reduce((best, each) => (before(each, best) ? each : best), first);
}

function sorted(list: readonly unknown[]): (Num | string)[] {
  return comparable(list, "sort").toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

/** All numbers, or all texts. */
function comparable(list: readonly unknown[], name: string): (Num | string)[] {
  const texts = list.filter((each) => typeof each === "string");
  if (texts.length === list.length) return texts;
  if (texts.length > 0) throw new Error(`${name} takes numbers alone or texts alone`);
  return numbers(list, name);
}

function replace(text: string, from: string, to: string): string {
  if (from === "") throw new Error("replace needs a text to look for");
  return text.replaceAll(from, () => to);
}

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("its value is not one that JSON has");
  return value;
}
