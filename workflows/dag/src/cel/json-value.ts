import type { Json } from "../json.ts";
import { isTime } from "./time.ts";

/** A value of CEL as JSON: integers come out as BigInt, times as text. `undefined`: JSON has no such value. */
export function jsonOf(value: unknown): Json | undefined {
  if (typeof value === "bigint") return BigInt(Number(value)) === value ? Number(value) : undefined;
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (Array.isArray(value)) return wholeList(value.map(jsonOf));
  if (isTime(value)) return value.toISOString().replace(".000Z", "Z");
  if (!isPlain(value)) return undefined;
  const fields = Object.entries(value).map(([name, field]) => [name, jsonOf(field)] as const);
  return fields.every((field): field is readonly [string, Json] => field[1] !== undefined)
    ? Object.fromEntries(fields)
    : undefined;
}

function wholeList(list: readonly (Json | undefined)[]): Json | undefined {
  return list.every((each): each is Json => each !== undefined) ? list : undefined;
}

function isPlain(value: unknown): value is object {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
