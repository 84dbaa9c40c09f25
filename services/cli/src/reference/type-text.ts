import { isJsonObject, type Json, type JsonObject } from "@slipway/dag";

/** A JSON Schema as a reader wants it: `duration`, `list of text`, `always, onSuccess or never`. */
export function typeText(schema: JsonObject): string {
  const { $ref: reference, const: only, enum: options, anyOf, type, items, pattern } = schema;
  if (typeof reference === "string") return nameOf(reference);
  if (only !== undefined) return code(only);
  if (Array.isArray(options)) return listed(options.map(code));
  if (Array.isArray(anyOf)) return listed([...new Set(anyOf.filter(isJsonObject).map(typeText))]);
  if (Array.isArray(type)) return listed(type.map((each) => plain(String(each))));
  if (type === "array") return isJsonObject(items) ? `list of ${typeText(items)}` : "list";
  if (typeof pattern === "string" && pattern.includes("\\d+d")) return "duration";
  const { minimum, maximum } = schema;
  const bounds = typeof minimum === "number" && typeof maximum === "number" ? ` (${minimum}-${maximum})` : "";
  return typeof type === "string" ? `${plain(type)}${bounds}` : "anything";
}

function nameOf(reference: string): string {
  const name = reference.slice(reference.lastIndexOf("/") + 1);
  if (/^[A-Z]/.test(name)) return `Kubernetes' ${name}`;
  return name === "expression" ? "an expression" : name;
}

const PLAIN: ReadonlyMap<string, string> = new Map([
  ["string", "text"],
  ["object", "map"],
  ["boolean", "true or false"],
  ["integer", "whole number"],
  ["array", "list"],
]);

function plain(type: string): string {
  return PLAIN.get(type) ?? type;
}

function code(value: Json): string {
  return `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;
}

function listed(parts: readonly string[]): string {
  const last = parts.at(-1) ?? "";
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(", ")} or ${last}`;
}
