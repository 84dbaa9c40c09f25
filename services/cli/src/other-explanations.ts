import { EVENT_TYPES, RULES } from "@slipway/dag";
import { FUNCTION_DOCS, VARIABLES } from "@slipway/dag/cel";
import { EVENT_DOCS } from "@slipway/dag/event-data";
import { SETTINGS } from "./setting-docs.ts";
import { RULE_DOCS, STATE_DOCS } from "./word-docs.ts";

/** The texts about a rule, a state, an event, a variable or function of expressions, or a setting; empty where the name is none. */
export function otherExplanations(name: string): readonly string[] {
  return [...rules(name), ...states(name), ...events(name), ...variables(name), ...functions(name), ...settings(name)];
}

/** Every such name, by what it is one of. */
export const OTHERS: Readonly<Record<string, readonly string[]>> = {
  rules: RULES,
  states: Object.keys(STATE_DOCS),
  events: EVENT_TYPES,
  "in expressions": VARIABLES.map(({ name }) => name),
  functions: FUNCTION_DOCS.map(({ name }) => name),
  settings: SETTINGS.flatMap(({ variables: names }): readonly string[] => names),
};
export const OTHER_NAMES: readonly string[] = Object.values(OTHERS).flat();

function rules(name: string): readonly string[] {
  return RULES.filter((rule) => rule === name).map((rule) => {
    const [runs, otherwise] = RULE_DOCS[rule];
    return `${rule}: a rule. The task runs when, of those it waits for: ${runs}.${otherwise === "" ? "" : `\n  otherwise: ${otherwise}`}\n`;
  });
}

function states(name: string): readonly string[] {
  return Object.entries(STATE_DOCS)
    .filter(([state]) => state === name)
    .map(([state, text]) => `${state}: a state ${text}\n`);
}

function events(name: string): readonly string[] {
  const type = EVENT_TYPES.find((each) => each === name.replace(/^dev\.slipway\./, ""));
  return type === undefined ? [] : [`${type}: an event. ${EVENT_DOCS[type]}\n  body: docs/reference/events.md\n`];
}

/** `tasks.load.state` is asked for as `tasks.x.state` is. */
function variables(name: string): readonly string[] {
  const shape = name
    .replace(/^tasks\.\w+/, "tasks.x")
    .replace(/^params\.\w+$/, "params.x")
    .replace(/\.outputs\.\w+$/, ".outputs.y");
  const found = VARIABLES.filter((each) => each.name === shape || (name === "run" && each.name.startsWith("run.")));
  return found.map((each) => `${each.name}: in expressions (${each.type}). ${each.text}\n`);
}

function functions(name: string): readonly string[] {
  return FUNCTION_DOCS.filter((each) => each.name === name.replace(/\(.*$/, "")).map(
    ({ call, text, example, value }) =>
      `${call}: a function of expressions. ${text}\n  example: ${example} is ${JSON.stringify(value)}\n`,
  );
}

function settings(name: string): readonly string[] {
  return SETTINGS.filter(({ variables: names }) => names.includes(name)).map(({ worker, flags = [], text }) => {
    const flag = flags.length === 0 ? "" : `\n  flag: ${flags.join(", ")}`;
    return `${name}: ${worker === true ? "of the worker: " : ""}${text}${flag}\n`;
  });
}
