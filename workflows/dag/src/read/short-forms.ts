import { isJsonObject, type Json, type JsonObject } from "../json.ts";
import { own } from "../strategic-merge.ts";
import { isTemplate } from "./template.ts";
import type { Findings } from "./findings.ts";
import type { Path } from "./path.ts";
import { SECTION_WORDS } from "./placed.ts";
import { kindOf, quote } from "./say.ts";
import { isTextPlace, textOf } from "./text-places.ts";

/** What expanding needs: where to complain, and whether expressions have been replaced already. */
export interface Expanding {
  readonly findings: Findings;
  readonly replaced: boolean;
}

/** A task or the defaults with every short form in its long form. What has another shape is left for the schema to refuse. */
export function expandLayer(layer: JsonObject, path: Path, tools: Expanding): JsonObject {
  const text = expandTexts(layer, path, tools);
  const fields = isJsonObject(text) ? text : {};
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, expandField(name, value, [...path, name], tools)]),
  );
}

function expandField(name: string, value: Json, path: Path, tools: Expanding): Json {
  switch (name) {
    case "after":
      return SECTION_WORDS.some((word) => word === path.at(-3)) ? expandAfter(value, path, tools) : value;
    case "if":
      return typeof value === "boolean" ? String(value) : value;
    case "tasks":
    case "finally":
      return isJsonObject(value) ? mapValues(value, (task, key) => expandTask(task, [...path, key], tools)) : value;
    case "defaults":
      return isJsonObject(value) ? expandLayer(value, path, tools) : value;
    case "env":
      return isJsonObject(value) ? expandEnv(value, path, tools) : value;
    case "outputs":
      return isJsonObject(value) ? mapValues(value, expandParam) : value;
    case "retries":
      return withCondition(scalarTo("limit", value, path, tools));
    case "timeout":
      return scalarTo("attempt", value, path, tools);
    case "cleanup":
      return scalarTo("when", value, path, tools);
    case "pool":
      return scalarTo("name", value, path, tools);
    case "approve":
      return withLists(scalarTo("message", value, path, tools), path, tools);
    case "wait":
      return withEvent(scalarTo("for", value, path, tools));
    default:
      return value;
  }
}

/** A task of a section. */
export function expandTask(task: Json, path: Path, tools: Expanding): Json {
  if (task === null) tools.findings.error("empty-task", path, "the task is empty", { at: "key" });
  if (task === null) return {};
  return isJsonObject(task) ? expandLayer(task, path, tools) : task;
}

/** `if: false` is a condition too. */
function withCondition(retries: Json): Json {
  const condition = isJsonObject(retries) ? own(retries, "if") : undefined;
  return isJsonObject(retries) && typeof condition === "boolean" ? { ...retries, if: String(condition) } : retries;
}

/** `options` and `assignees` of an approval: a lone one stands for a list. */
function withLists(approve: Json, path: Path, { findings }: Expanding): Json {
  if (!isJsonObject(approve)) return approve;
  return mapValues(approve, (value, name) => {
    if ((name !== "options" && name !== "assignees") || typeof value !== "string") return value;
    findings.places.alias([...path, name, 0], [...path, name]);
    return [value];
  });
}

/** `if: true` is a condition too. */
function withEvent(wait: Json): Json {
  const event = isJsonObject(wait) ? own(wait, "event") : undefined;
  return isJsonObject(wait) && event !== undefined ? { ...wait, event: withCondition(event) } : wait;
}

function scalarTo(field: string, value: Json, path: Path, { findings }: Expanding): Json {
  if (value === null || typeof value === "object") return value;
  findings.places.alias([...path, field], path);
  return { [field]: value };
}

function expandAfter(value: Json, path: Path, { findings }: Expanding): Json {
  if (isJsonObject(value)) {
    return mapValues(value, (states, name) => {
      if (typeof states !== "string") return states;
      findings.places.alias([...path, name, 0], [...path, name]);
      return [states];
    });
  }
  if (typeof value !== "string") return value;
  findings.places.alias([...path, 0], path);
  return [value];
}

/** `KEY: text` or `KEY: { secretKeyRef: … }` to Kubernetes' list; an empty KEY removes what the defaults set. */
function expandEnv(env: JsonObject, path: Path, { findings }: Expanding): Json {
  return Object.entries(env).map(([name, value], at) => {
    const [here, written] = [
      [...path, at],
      [...path, name],
    ];
    findings.places.alias(here, written);
    if (value === null) return { name, $patch: "delete" };
    const field = isJsonObject(value) ? "valueFrom" : "value";
    findings.places.alias([...here, field], written);
    if (isJsonObject(value) && (Object.hasOwn(value, "valueFrom") || Object.hasOwn(value, "value"))) {
      findings.error("unknown-field", here, `\`value\` and \`valueFrom\` are left out in the map form of \`env\``, {
        fix: `write ${quote(`${name}: TEXT`)} or ${quote(`${name}: { secretKeyRef: … }`)}`,
      });
    }
    return { name, [field]: value };
  });
}

/** Numbers become text where Kubernetes wants text; lists and maps too, once they are what an expression gave. */
export function expandTexts(value: Json, path: Path, tools: Expanding): Json {
  if (isTextPlace(path)) return textAt(value, path, tools);
  if (Array.isArray(value)) return value.map((element, at) => expandTexts(element, [...path, at], tools));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [name, expandTexts(field, [...path, name], tools)]),
  );
}

function textAt(value: Json, path: Path, { findings, replaced }: Expanding): Json {
  const mapEntry = path.at(-2) === "env" && typeof path.at(-1) === "string";
  if (value === null || (mapEntry && isJsonObject(value))) return value;
  if (typeof value !== "object" || replaced) return textOf(value) ?? "";
  findings.error(
    "bad-value",
    path,
    `${quote(String(path.findLast((step) => typeof step === "string")))} must be text, not ${kindOf(value)}`,
    isTornApart(value) ? { fix: "put the whole value in quotes: it holds a `: `, which begins a map in YAML" } : {},
  );
  return "";
}

/** `echo ${{ a ? 'b' : c }}` without quotes is a map from `echo ${{ a ? 'b'` to `c }}`. */
function isTornApart(value: Json): boolean {
  return isJsonObject(value) && Object.keys(value).some((key) => key.includes("${{") && !key.includes("}}"));
}

function mapValues(object: JsonObject, change: (value: Json, name: string) => Json): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value, name)]));
}

/** Map entries of a schema-less value: `params: { n: 3 }` is `{ type: integer, default: 3 }`. */
export function expandParam(value: Json): Json {
  if (isJsonObject(value)) return value;
  if (value === null) return null;
  return { type: typeOf(value), default: value };
}

function typeOf(value: Exclude<Json, null | JsonObject>): string {
  if (Array.isArray(value)) return "array";
  return typeof value === "number" ? (Number.isInteger(value) ? "integer" : "number") : typeof value;
}

/** `every 10m`, a cron line or a list of them, `@daily`. */
export function expandSchedule(value: Json, path: Path, findings: Findings): Json {
  if (typeof value !== "string") return value;
  const every = /^every\s+(\S+)$/.exec(value.trim())?.[1];
  const [field, text] = every === undefined ? ["cron", value.trim()] : ["every", every];
  findings.places.alias([...path, field], path);
  return { [field]: text };
}

/** True where an expression stands in the way to a value, so that its type is not known yet. */
export function isDeferred(root: Json, path: Path): boolean {
  let value: Json | undefined = root;
  for (const step of path) {
    if (isTemplate(value)) return true;
    value = Array.isArray(value) ? value[Number(step)] : isJsonObject(value) ? own(value, String(step)) : undefined;
  }
  return isTemplate(value);
}
