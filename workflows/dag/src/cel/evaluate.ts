import { isJsonObject, type Json, type JsonObject } from "../json.ts";
import { environmentOf, type Place } from "./environment.ts";

export type Evaluated =
  | { readonly kind: "value"; readonly value: Json }
  /** Why there is no value, in the words of the one who wrote the expression. */
  | { readonly kind: "failed"; readonly why: string };

/**
 * One expression over its variables. Never throws; it may run for minutes (`matches('^(a+)+$')`), so whoever calls it has a
 * thread to end.
 */
export function evaluate(place: Place, source: string, variables: JsonObject): Evaluated {
  try {
    return valueOf(environmentOf(place).evaluate(source, celOf(variables)));
  } catch (error) {
    return { kind: "failed", why: error instanceof Error ? firstLine(error.message) : "it cannot be evaluated" };
  }
}

/** JSON has one kind of number; in CEL a whole one is an int, so that `exitCode % 2` and `list[0]` mean what they say. */
function celOf(value: JsonObject): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, celValue(field)]));
}

function celValue(value: Json): unknown {
  if (Array.isArray(value)) return value.map((each: Json) => celValue(each));
  if (isJsonObject(value)) return celOf(value);
  return Number.isSafeInteger(value) && typeof value === "number" ? BigInt(value) : value;
}

/** Integers come out as BigInt, and other things that JSON does not have may come too. */
function valueOf(value: unknown): Evaluated {
  const json = jsonOf(value);
  return json === undefined
    ? { kind: "failed", why: "its value is not one that JSON has" }
    : { kind: "value", value: json };
}

function jsonOf(value: unknown): Json | undefined {
  if (typeof value === "bigint") return BigInt(Number(value)) === value ? Number(value) : undefined;
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (Array.isArray(value)) return wholeList(value.map(jsonOf));
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

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? text;
}
