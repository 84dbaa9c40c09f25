import type { Json } from "../json.ts";
import { Budget } from "./budget.ts";
import type { Findings } from "./findings.ts";
import type { Path } from "./path.ts";

/**
 * A value of unknown origin as JSON, bounded in depth and size; `undefined` fields are left out as JSON.stringify does.
 * @throws Refusal `too-large`
 */
export function toJson(value: unknown, findings: Findings, path: Path = []): Json | undefined {
  return walk(value, path, findings, new Budget(findings.places));
}

function walk(value: unknown, path: Path, findings: Findings, budget: Budget): Json | undefined {
  budget.spend(path, typeof value === "string" ? value.length : 1);
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") return numberOf(value, path, findings);
  if (Array.isArray(value)) {
    return value.map((element: unknown, at) => walk(element, [...path, at], findings, budget) ?? null);
  }
  if (typeof value === "object") {
    const fields = Object.entries(value).flatMap(([name, field]: [string, unknown]) => {
      budget.spend(path, name.length);
      if (field === undefined || !isKey(name, path, findings)) return [];
      return [[name, walk(field, [...path, name], findings, budget)] as const];
    });
    return Object.fromEntries(fields.flatMap(([name, field]) => (field === undefined ? [] : [[name, field]])));
  }
  findings.error("bad-value", path, `a ${typeof value} is not a value that JSON has`);
  return undefined;
}

/** `__proto__` is a name that means something else in JavaScript. */
export function isKey(name: string, path: Path, findings: Findings): boolean {
  if (name !== "__proto__") return true;
  findings.error("unknown-field", path, "`__proto__` cannot be the name of a field");
  return false;
}

/** NaN and infinities are not JSON; a whole number above 2^53 has lost digits. */
export function numberOf(value: number, path: Path, findings: Findings): number | undefined {
  const exact = Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
  if (exact) return value;
  findings.error("bad-value", path, "the number cannot be kept exactly", {
    fix: "put it in quotes where the text is meant",
  });
  return undefined;
}
