import { isJsonObject, type JsonObject } from "../json.ts";

const SIMPLE: ReadonlyMap<unknown, string> = new Map([
  ["string", "string"],
  ["integer", "int"],
  ["boolean", "bool"],
]);

/**
 * The type of CEL of what a JSON Schema allows; `dyn` where only the value can tell (a number is an int or a double, a map may
 * have more fields than are declared).
 */
export function celType({ type, items }: JsonObject): string {
  const simple = SIMPLE.get(type);
  if (simple !== undefined || type !== "array") return simple ?? "dyn";
  const inner = isJsonObject(items) ? SIMPLE.get(items["type"]) : undefined;
  return inner === undefined ? "list" : `list<${inner}>`;
}
