import { isJsonObject, type Json } from "../json.ts";

/** The types of JSON Schema, and what a message calls them. */
export const TYPES = {
  string: "text",
  integer: "a whole number",
  number: "a number",
  boolean: "true or false",
  array: "a list",
  object: "a map",
  null: "null",
} as const;
export type TypeName = keyof typeof TYPES;

/** The types a schema allows; empty where it names none that exist. */
export function typeNames(type: Json | undefined): readonly TypeName[] {
  const named: readonly Json[] = Array.isArray(type) ? type : type === undefined ? [] : [type];
  const known = named.flatMap((name) => (isTypeName(name) ? [name] : []));
  return known.length === named.length ? known : [];
}

function isTypeName(name: Json): name is TypeName {
  return typeof name === "string" && Object.hasOwn(TYPES, name);
}

/** JSON Schema's own reading: 3.0 is an integer. */
export function isOfType(value: Json, type: TypeName): boolean {
  switch (type) {
    case "integer":
      return Number.isInteger(value);
    case "array":
      return Array.isArray(value);
    case "object":
      return isJsonObject(value);
    case "null":
      return value === null;
    default:
      return typeof value === type;
  }
}
