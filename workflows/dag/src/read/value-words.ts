import { EDGE_STATES, RULES } from "../rules.ts";
import { Suggester } from "../suggest.ts";
import { parseDuration } from "../duration.ts";
import type { Path } from "./path.ts";
import { quote } from "./say.ts";

/** The words that a field takes, and what other tools write there. */
interface Words {
  readonly known: readonly string[];
  readonly theirs?: ReadonlyMap<string, string>;
}

const STATES: Words = {
  known: EDGE_STATES,
  theirs: words({
    success: "succeeded",
    error: "failed",
    errored: "failed",
    omitted: "skipped",
    completed: "done",
    always: "done",
  }),
};

const TYPES: Words = {
  known: ["string", "integer", "number", "boolean", "array", "object"],
  theirs: words({
    str: "string",
    text: "string",
    int: "integer",
    float: "number",
    double: "number",
    bool: "boolean",
    list: "array",
    dict: "object",
    map: "object",
  }),
};

const BY_FIELD: ReadonlyMap<string, Words> = new Map(
  Object.entries<Words>({
    rule: { known: RULES },
    when: {
      known: ["always", "onSuccess", "never"],
      theirs: words({
        delete_pod: "always",
        delete_succeeded_pod: "onSuccess",
        keep_pod: "never",
        onpodsuccess: "onSuccess",
        onpodcompletion: "always",
      }),
    },
    overlap: {
      known: ["skip", "queue", "replace", "allow"],
      theirs: words({ forbid: "skip" }),
    },
    catchup: { known: ["none", "latest", "all"], theirs: words({ true: "all", false: "latest" }) },
    type: TYPES,
  }),
);

interface Meant {
  readonly fix?: string;
  readonly instead?: string;
}

/** What a refused word meant, as a fix; nothing where no word is near. `path`: of the value, in the long form. */
export function valueFix(path: Path, value: unknown): Meant {
  if (typeof value !== "string" && typeof value !== "boolean") return {};
  const text = String(value);
  if (path.at(-1) === "rule" && text === "all_done_setup_success")
    return { fix: "put the task under `finally`, with `after: { SETUP: succeeded }`" };
  if (path.at(-1) === "cron") return scheduleFix(text);
  const words = wordsAt(path);
  if (words === undefined) return {};
  const suggester = new Suggester();
  const instead = words.theirs?.get(text.toLowerCase()) ?? suggester.surely(text, words.known);
  const meant = instead ?? suggester.suggest(text, words.known);
  return meant === undefined ? {} : { fix: `write ${quote(meant)}`, ...(instead !== undefined && { instead }) };
}

/** `10m`, `hourly` */
function scheduleFix(text: string): Meant {
  if (parseDuration(text) !== undefined) return { fix: `write ${quote(`every ${text}`)}`, instead: `every ${text}` };
  const named = ["hourly", "daily", "weekly", "monthly", "yearly", "once"].find((name) => name === text.toLowerCase());
  return named === undefined ? {} : { fix: `write ${quote(`"@${named}"`)}`, instead: `@${named}` };
}

/** A state in the map form of `after` stands two levels below it. */
function wordsAt(path: Path): Words | undefined {
  const field = path.findLast((step) => typeof step === "string");
  if (path.at(-3) === "after" || path.at(-2) === "after") return STATES;
  return typeof field === "string" ? BY_FIELD.get(field) : undefined;
}

function words(theirs: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  return new Map(Object.entries(theirs));
}
