import { EVENT_TYPES, type ErrorEntry, isJsonObject, type JsonObject } from "@slipway/dag";
import { FUNCTION_DOCS, VARIABLES } from "@slipway/dag/cel";
import { EVENT_DOCS, eventSchemas } from "@slipway/dag/event-data";
import { CALLED, FIELDS, NOT_YET, type Scope } from "@slipway/dag/read";
import { EXPLANATIONS } from "../explanations.ts";
import { exampleOf } from "../field-explanations.ts";
import { SETTINGS } from "../setting-docs.ts";
import { capital, page, sentence, table } from "./page.ts";
import { typeText } from "./type-text.ts";

/** The pages of docs/reference that are made of the code, by file. */
export const PAGES: readonly (readonly [file: string, text: () => string])[] = [
  ["fields.md", fieldsPage],
  ["expressions.md", expressionsPage],
  ["errors.md", errorsPage],
  ["events.md", eventsPage],
  ["settings.md", settingsPage],
];

function scopes(): readonly Scope[] {
  return Object.keys(FIELDS).filter((name): name is Scope => Object.hasOwn(CALLED, name));
}

function fieldsPage(): string {
  const parts = scopes().flatMap((scope) => {
    const later: readonly string[] = NOT_YET[scope];
    const words = Object.entries(FIELDS[scope]).map(([word, doc]) => [
      `\`${word}\``,
      typeText(doc.schema),
      doc.default ?? "",
      doc.text,
      `\`${exampleOf(word, doc)}\``,
    ]);
    const not = later.length === 0 ? [] : [`Not yet: ${later.map((word) => `\`${word}\``).join(", ")}.`];
    if (words.length === 0) return [];
    return [
      `## ${scope === "dag" ? "The DAG" : capital(CALLED[scope])}`,
      table(["field", "value", "default", "meaning", "example"], words),
      ...not,
    ];
  });
  const intro =
    "Every field of ours, by the object it stands in; a task also takes every field of Kubernetes' Container. How they work together: [the DAG file](dag-file.md). `slipway explain FIELD` prints one.";
  return page("Fields", "workflows/dag/src/read/field-docs.ts", intro, ...parts);
}

function expressionsPage(): string {
  const variables = VARIABLES.map(({ name, type, text }) => [`\`${name}\``, type, text]);
  const functions = FUNCTION_DOCS.map(({ call, text, example, value }) => [
    `\`${call}\``,
    text,
    `\`${example}\` is \`${JSON.stringify(value)}\``,
  ]);
  const intro =
    "What `${{ … }}` and `if` may name. Where expressions stand and when they are evaluated: [the DAG file](dag-file.md). `slipway explain run.state` prints one.";
  return page(
    "Expressions",
    "workflows/dag/src/cel/catalogue.ts",
    intro,
    "## Variables",
    table(["name", "type", "what"], variables),
    "## Functions",
    "Beside [CEL](https://cel.dev)'s own (`size`, `has`, `contains`, `startsWith`, `matches`, `split`, `map`, `filter`, `exists`, `all` …).",
    table(["call", "what", "example"], functions),
  );
}

function errorsPage(): string {
  const entry = ([code, { summary, why, fix }]: readonly [string, ErrorEntry]): string =>
    `### ${code}\n\n${sentence(summary)}\n\n- Why: ${sentence(why)}\n- Fix: ${sentence(fix)}`;
  const intro =
    "Every error says what is wrong, where, why it is refused and how to mend it. `slipway explain CODE` prints an entry of this list.";
  const sections = EXPLANATIONS.flatMap(({ title, intro: about, entries }) => [
    `## ${title}`,
    about,
    ...Object.entries(entries).map(entry),
  ]);
  return page("Errors", "workflows/dag/src/errors.ts and services/cli/src/explanations.ts", intro, ...sections);
}

function eventsPage(): string {
  const schemas: unknown = Object.entries(eventSchemas()).find(([name]) => name === "$defs")?.[1];
  const bodies = isJsonObject(schemas) ? schemas : {};
  const sections = EVENT_TYPES.flatMap((type) => {
    const body = bodies[`dev.slipway.${type}`];
    const rows = isJsonObject(body) ? bodyRows(body) : [];
    const fields = rows.length === 0 ? "Its body is empty." : table(["field", "type", "", "what"], rows);
    return [`## ${type}`, EVENT_DOCS[type], fields];
  });
  const intro =
    "CloudEvents on `slipway.event.>`: the type is the last two tokens of `ce-type`, the body JSON. Subjects and headers: [streams](streams.md). As JSON Schema: [event-schemas.json](event-schemas.json). A later version may say more; readers bear fields they do not know.";
  return page("Events", "workflows/dag/src/event-data.ts and event-docs.ts", intro, ...sections);
}

function bodyRows(body: JsonObject, around = ""): readonly (readonly string[])[] {
  const { properties = {}, required = [] } = body;
  if (!isJsonObject(properties)) return [];
  return Object.entries(properties).flatMap(([name, schema]) => {
    if (!isJsonObject(schema)) return [];
    const { description = "" } = schema;
    const must = Array.isArray(required) && required.includes(name) ? "" : "may be absent";
    const row = [`\`${around}${name}\``, typeText(schema), must, typeof description === "string" ? description : ""];
    return [row, ...bodyRows(schema, `${around}${name}.`)];
  });
}

function settingsPage(): string {
  const rows = (worker: boolean): readonly (readonly string[])[] =>
    SETTINGS.filter((setting) => (setting.worker === true) === worker).map(({ variables, flags = [], text }) => [
      variables.map((name) => `\`${name}\``).join(", "),
      flags.map((flag) => `\`${flag}\``).join(", "),
      text,
    ]);
  const order =
    "Each value: flag > environment > Temporal's profile > the local stack (the nearest folder above with one, else this checkout's).";
  const head = ["environment", "flag", "what"];
  return page(
    "Settings",
    "services/cli/src/setting-docs.ts",
    order,
    "## Every command, the worker too",
    table(head, rows(false)),
    "## The worker",
    table(head, rows(true)),
  );
}
