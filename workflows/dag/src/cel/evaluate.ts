import { isJsonObject, type Json, type JsonObject } from "../json.ts";
import { DATES, environmentOf, type Place } from "./environment.ts";
import { jsonOf } from "./json-value.ts";
import { timeOf } from "./time.ts";

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
    return valueOf(environmentOf(place).evaluate(source, withTimes(celOf(variables))));
  } catch (error) {
    return { kind: "failed", why: error instanceof Error ? firstLine(error.message) : "it cannot be evaluated" };
  }
}

/** JSON has one kind of number; in CEL a whole one is an int, so that `exitCode % 2` and `list[0]` mean what they say. */
function celOf(value: JsonObject): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, celValue(field)]));
}

/** JSON has no times: those that are one in CEL come as text. */
function withTimes(variables: Record<string, unknown>): Record<string, unknown> {
  for (const [name, type] of Object.entries(DATES)) {
    const text = variables[name];
    if (type !== "string" && typeof text === "string") variables[name] = timeOf(text);
  }
  return variables;
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

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? text;
}
