import type { JsonObject } from "../json.ts";
import { RULES, EDGE_STATES } from "../rules.ts";
import type { FieldDoc } from "./field-doc.ts";
import { FIELDS } from "./field-docs.ts";
import { CONTAINER_FIELDS, kubernetesFields } from "./kubernetes-fields.ts";
import { NOT_YET, type Scope } from "./words.ts";

/**
 * The format as JSON Schema (draft 7, which editors read): docs/reference/dag.schema.json. It completes and explains; what
 * several fields say together only `slipway lint` knows, and what lint accepts it accepts.
 */
export function dagJsonSchema(): JsonObject {
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "A Slipway DAG (slipway.dev/v1)",
    ...objectOf("dag"),
    required: ["dag", "tasks"],
    definitions: {
      expression: { type: "string", pattern: "\\$\\{\\{" },
      rule: { enum: [...RULES] },
      edge: { anyOf: [{ enum: [...EDGE_STATES] }, { type: "array", minItems: 1, items: { enum: [...EDGE_STATES] } }] },
      task: objectOf("task", containerFields()),
      defaults: objectOf("defaults", containerFields()),
      template: objectOf("template", containerFields()),
      ...Object.fromEntries(PARTS.map((scope) => [scope, objectOf(scope)])),
      ...Object.fromEntries([...kubernetesTypes()].map((type) => [type, kubernetesObject(type)])),
    },
  };
}

const PARTS = [
  "retries",
  "timeout",
  "exitCodes",
  "cleanup",
  "pool",
  "schedule",
  "approve",
  "wait",
  "event",
  "metadata",
] as const satisfies readonly Scope[];

/** Where values may be expressions, and `null` takes away what a lower layer says. */
const LAYERS: ReadonlySet<Scope> = new Set<Scope>([
  "task",
  "defaults",
  "template",
  "retries",
  "timeout",
  "exitCodes",
  "cleanup",
  "pool",
  "approve",
  "wait",
  "event",
  "metadata",
]);

function objectOf(scope: Scope, more: JsonObject = {}): JsonObject {
  const fields = Object.entries(FIELDS[scope]).map(([name, doc]) => [name, fieldSchema(scope, doc)]);
  const later = NOT_YET[scope].map((name) => [name, { description: "Not yet: this version refuses it.", not: {} }]);
  const properties = { ...more, ...Object.fromEntries(fields), ...Object.fromEntries(later) };
  return { type: "object", properties, additionalProperties: false };
}

function fieldSchema(scope: Scope, { text, schema, default: otherwise, example }: FieldDoc): JsonObject {
  const open = LAYERS.has(scope) ? [{ $ref: "#/definitions/expression" }, { type: "null" }] : [];
  return {
    description: otherwise === undefined ? text : `${text} Default: ${otherwise}.`,
    examples: [example],
    anyOf: [schema, ...open],
  };
}

/** The fields of Kubernetes' Container that a task takes verbatim. */
function containerFields(): JsonObject {
  const fields = kubernetesFields("Container") ?? new Map<string, string>();
  const known = CONTAINER_FIELDS.map((name) => {
    const description = `Kubernetes' Container.${name}: kubectl explain pod.spec.containers.${name}`;
    return [name, { description, ...kubernetesValue(fields.get(name) ?? "") }];
  });
  return Object.fromEntries(known);
}

/** Every type in a PodSpec or a Container. */
function kubernetesTypes(): ReadonlySet<string> {
  const found = new Set(["PodSpec", "Container"]);
  for (const type of found)
    for (const of of kubernetesFields(type)?.values() ?? []) if (of !== "") found.add(of.replace("[]", ""));
  return found;
}

/** A newer cluster may know more fields, so others pass. */
function kubernetesObject(type: string): JsonObject {
  const fields = [...(kubernetesFields(type) ?? [])].map(([name, of]) => [name, kubernetesValue(of)]);
  return { type: ["object", "string", "null"], properties: Object.fromEntries(fields) };
}

function kubernetesValue(of: string): JsonObject {
  if (of === "") return {};
  if (!of.endsWith("[]")) return { $ref: `#/definitions/${of}` };
  return { type: ["array", "string", "null"], items: { $ref: `#/definitions/${of.slice(0, -2)}` } };
}
