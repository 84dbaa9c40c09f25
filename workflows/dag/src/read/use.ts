import { Checker } from "../cel/checker.ts";
import { isJsonObject, type Json, type JsonObject } from "../json.ts";
import { own } from "../strategic-merge.ts";
import { checkExpressions, refuseExpressions } from "./expressions.ts";
import type { Findings } from "./findings.ts";
import { Validator } from "./misfits.ts";
import { checkDeclarations } from "./params.ts";
import type { Path } from "./path.ts";
import type { Replacing } from "./replace-expressions.ts";
import { quote } from "./say.ts";
import { holdsTemplate, paramOf, unescapeTemplates } from "./template.ts";

/** Name → a layer of a task and, beside it, `params`. */
export type Templates = Readonly<Record<string, JsonObject>>;

/** The template that a task uses, its params apart, and what the task gives them. */
interface Use {
  readonly name: string;
  readonly fields: JsonObject;
  readonly params: Readonly<Record<string, JsonObject>>;
  readonly given: JsonObject;
  /** Of the task. */
  readonly path: Path;
}

/** Names of templates, their params, and the expressions in them: each sees the DAG's params and its own. */
export function checkTemplates(
  templates: Templates,
  declared: Readonly<Record<string, JsonObject>>,
  findings: Findings,
): void {
  for (const [name, template] of Object.entries(templates)) {
    const path = ["templates", name];
    const { params = {}, ...fields } = template;
    const own = declarations(params);
    checkDeclarations(own, findings, path);
    refuseExpressions(params, [...path, "params"], findings);
    for (const param of Object.keys(own)) {
      if (!Object.hasOwn(declared, param)) continue;
      const what = `the template's param ${quote(param)} hides the DAG's`;
      findings.error("hidden-param", [...path, "params", param], what, { at: "key" });
    }
    const seen = { ...declared, ...own };
    const checker = new Checker({ params: seen, tasks: {} });
    checkExpressions(fields, path, NOWHERE, { checker, params: new Set(Object.keys(seen)), findings });
  }
}

/** A template lies under many tasks, so it names none: what it needs of one is given by `with`. */
const NOWHERE = { isAncestor: () => false };

/** The template under a task in the long form; `undefined` where it uses none, or none that is there. */
function useOf(task: JsonObject, templates: Templates, path: Path): Use | undefined {
  const name = own(task, "use");
  const template = typeof name === "string" && Object.hasOwn(templates, name) ? templates[name] : undefined;
  if (typeof name !== "string" || template === undefined) return undefined;
  const { params = {}, ...fields } = template;
  const given = own(task, "with");
  return { name, fields, params: declarations(params), given: isJsonObject(given) ? given : {}, path };
}

/** The fields that lie under a task before its own. */
export function templateUnder(task: JsonObject, templates: Templates): JsonObject {
  return useOf(task, templates, [])?.fields ?? {};
}

/** What can be said of `use` and `with` before expressions are replaced. */
export function checkUse(task: JsonObject, templates: Templates, path: Path, findings: Findings): void {
  const name = own(task, "use");
  if (name === undefined) {
    if (own(task, "with") === undefined) return;
    const fix = { fix: "name the template: `use: NAME`", at: "key" } as const;
    findings.error(
      "missing-field",
      [...path, "with"],
      "`with` gives params to a template, and the task uses none",
      fix,
    );
    return;
  }
  const use = useOf(task, templates, path);
  if (use !== undefined) valuesOf(use, { replaced: false, findings });
  else if (typeof name === "string") {
    const known = Object.keys(templates);
    const none = known.length === 0 ? { fix: "the DAG has no `templates`" } : {};
    const more = { ...none, ...findings.didYouMean(name, known) };
    findings.error("unknown-template", [...path, "use"], `there is no template ${quote(name)}`, more);
  }
}

/**
 * The template under a task whose expressions have been replaced, and the params that its own expressions see: the DAG's
 * and its own, which no name of the DAG's can meet.
 */
export function templateOf(
  task: JsonObject,
  templates: Templates,
  { params, path, findings }: { readonly params: JsonObject; readonly path: Path; readonly findings: Findings },
):
  | {
      readonly name: string;
      readonly fields: JsonObject;
      readonly own: JsonObject;
      /** What `with` gives that is known only right before an attempt, as it is written. */
      readonly late: JsonObject;
      readonly params: JsonObject;
    }
  | undefined {
  const use = useOf(task, templates, path);
  if (use === undefined) return undefined;
  const values = valuesOf(use, { replaced: true, findings });
  const these = (wanted: boolean) =>
    Object.fromEntries(values.filter(({ late }) => late === wanted).map(({ param, value }) => [param, value]));
  const [own, late] = [these(false), these(true)];
  return { name: use.name, fields: use.fields, own, late, params: { ...params, ...own } };
}

/** What the expressions of a template give: `late` are those of its params that only an attempt knows. */
export function valuesInTemplate(late: JsonObject, valueOf: Replacing["valueOf"]): Replacing["valueOf"] {
  const names = Object.keys(late);
  if (names.length === 0) return valueOf;
  return (source, path) => {
    const param = paramOf(source);
    const value = param === undefined ? undefined : own(late, param);
    if (value !== undefined) return { kind: "given", value };
    const named = names.find((name) => new RegExp(`\\b${name}\\b`).test(source));
    if (named === undefined) return valueOf(source, path);
    return {
      kind: "failed",
      why: `\`params.${named}\` is known only when the task starts: write it alone, or the whole in \`with\``,
    };
  };
}

interface Tools {
  /** Whether expressions have been replaced: before, a value that holds one has no type yet. */
  readonly replaced: boolean;
  readonly findings: Findings;
}

/** `late`: it holds expressions that only an attempt knows, and has no type yet. */
interface Value {
  readonly param: string;
  readonly value: Json;
  readonly late: boolean;
}

/** The params of a template for one task: each one given, or else its default. */
function valuesOf({ name, params, given, path }: Use, { replaced, findings }: Tools): readonly Value[] {
  for (const param of Object.keys(given)) {
    if (Object.hasOwn(params, param)) continue;
    const what = `the template ${quote(name)} has no param ${quote(param)}`;
    findings.error("unknown-param", [...path, "with", param], what, {
      at: "key",
      fix: "declare it under `params` of the template, or remove it",
      ...findings.didYouMean(param, Object.keys(params)),
    });
  }
  const validator = new Validator();
  return Object.entries(params).flatMap(([param, schema]) => {
    const written = own(given, param);
    const late = written !== undefined && holdsTemplate(written);
    const early = late || written === undefined || !replaced ? written : unescapeTemplates(written);
    const value = early === undefined ? own(schema, "default") : early;
    if (value === undefined) {
      const more = { at: "key", fix: `give it: ${quote(`with: { ${param}: … }`)}` } as const;
      findings.error("missing-param", [...path, "use"], `the template ${quote(name)} needs ${quote(param)}`, more);
      return [];
    }
    const misfits = late || early === undefined ? [] : validator.misfits(value, schema);
    for (const text of misfits)
      findings.error("bad-param", [...path, "with", param], `the param ${quote(param)} of ${quote(name)} ${text}`);
    return [{ param, value, late }];
  });
}

function declarations(params: Json): Readonly<Record<string, JsonObject>> {
  const declared = isJsonObject(params) ? Object.entries(params) : [];
  return Object.fromEntries(declared.flatMap(([name, schema]) => (isJsonObject(schema) ? [[name, schema]] : [])));
}
