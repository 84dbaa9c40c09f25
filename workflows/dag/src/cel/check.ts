import { type ASTNode, ParseError, TypeError as CelTypeError } from "@marcbachmann/cel-js";
import { isOutcomeKind, OUTCOME_KINDS } from "../outcome.ts";
import { childrenOf } from "./ast.ts";
import { braces, CALLED, type Complaint, EXPRESSION, near, overload, syntaxFix } from "./complaint.ts";
import { environmentOf, OUTCOME_FIELDS, type Place } from "./environment.ts";

/** Parses and type-checks; `undefined`: it will give true or false, or fail for what only a value can show. */
export function checkCondition(place: Place, source: string): Complaint | undefined {
  if (source.trim() === "") return { what: "the condition is empty", fix: 'write one: `outcome.kind == "exit"`' };
  const braced = braces(source);
  if (braced !== undefined) return braced;
  if (source.length > EXPRESSION) return { what: `the condition is longer than ${EXPRESSION} characters` };
  try {
    const parsed = environmentOf(place).parse(source);
    const { valid, type = "", error } = parsed.check();
    if (!valid) return complaintOf(error, source);
    if (type !== "bool" && type !== "dyn")
      return {
        what: `the condition gives ${CALLED.get(type) ?? type}, not true or false`,
        fix: "compare it: `outcome.exitCode == 3`",
      };
    return unknownField(parsed.ast) ?? unknownKind(parsed.ast);
  } catch (error) {
    return complaintOf(error, source);
  }
}

function complaintOf(error: unknown, source: string): Complaint {
  if (!(error instanceof ParseError || error instanceof CelTypeError)) return { what: "the condition cannot be read" };
  const { summary, range } = error;
  const word = range === undefined ? "" : source.slice(range.start, range.end);
  switch (error.code) {
    case "no_such_key":
      return noField(word);
    case "unknown_variable":
      return { what: `there is no \`${word}\` in this condition`, ...variableFix(word) };
    case "no_such_overload":
      return { what: overload(summary), fix: "compare like with like: text in quotes, numbers without" };
    case "no_matching_overload":
      return {
        what: `there is no function for this: ${summary.replace(/^found no matching overload for /, "")}`,
        fix: "text has contains, startsWith, endsWith, matches and size",
      };
    default:
      return { what: `the condition is not CEL: ${summary}`, ...syntaxFix(source, range?.start ?? 0) };
  }
}

function variableFix(word: string): Pick<Complaint, "fix"> {
  if (Object.hasOwn(OUTCOME_FIELDS, word)) return { fix: `write \`outcome.${word}\`` };
  if (isOutcomeKind(word)) return { fix: `put it in quotes: \`outcome.kind == "${word}"\`` };
  const meant = near(word, ["outcome"], (name) => name);
  return meant.fix === undefined
    ? { fix: "a condition of `retries` sees `outcome`: its kind, exitCode, signal, message" }
    : meant;
}

function noField(word: string): Complaint {
  const fix = near(word, Object.keys(OUTCOME_FIELDS), (name) => `outcome.${name}`);
  return { what: `\`outcome\` has no field \`${word}\``, ...fix };
}

/** `has(outcome.exitcode)` passes the types, and is never true. */
function unknownField(node: ASTNode): Complaint | undefined {
  if (isOutcome(node) && !Object.hasOwn(OUTCOME_FIELDS, node.args[1])) return noField(node.args[1]);
  return childrenOf(node)
    .map(unknownField)
    .find((complaint) => complaint !== undefined);
}

/** A kind that no outcome has makes a condition that is never true, and nothing would ever say so. */
function unknownKind(node: ASTNode): Complaint | undefined {
  for (const word of kindsNamed(node)) {
    if (isOutcomeKind(word)) continue;
    const known = { fix: `kinds are ${OUTCOME_KINDS.join(", ")}` };
    return { what: `no outcome has the kind \`${word}\``, ...known, ...near(word, OUTCOME_KINDS, (name) => name) };
  }
  return undefined;
}

/** Texts that `outcome.kind` is compared with: by `==`, by `!=`, by `in [ … ]`. */
function kindsNamed(node: ASTNode): readonly string[] {
  const inner = childrenOf(node).flatMap(kindsNamed);
  if (node.op !== "==" && node.op !== "!=" && node.op !== "in") return inner;
  const [left, right] = node.args;
  const others = isKind(left) ? [right] : isKind(right) ? [left] : [];
  return [...inner, ...others.flatMap(textsIn)];
}

function textsIn(node: ASTNode): readonly string[] {
  if (node.op === "list") return node.args.flatMap(textsIn);
  return node.op === "value" && typeof node.args === "string" ? [node.args] : [];
}

function isKind(node: ASTNode): boolean {
  return isOutcome(node) && node.args[1] === "kind";
}

/** `outcome.FIELD` */
function isOutcome(node: ASTNode): node is Extract<ASTNode, { op: "." }> {
  return node.op === "." && node.args[0].op === "id" && node.args[0].args === "outcome";
}
