import { isJsonObject, type Json } from "../json.ts";
import type { Findings } from "./findings.ts";
import type { Path } from "./path.ts";
import { quote } from "./say.ts";
import { isTemplate, paramOf, splitTemplate } from "./template.ts";

/** Words an expression may begin with in the format; only `params` is evaluated by this version. */
const ROOTS = (
  "params tasks run item index attempt previous outcome event " +
  "ds ds_nodash ts logical_date data_interval_start data_interval_end"
).split(" ");

/** Reports every expression in a value that this version cannot replace; `declared` are the DAG's params. */
export function checkExpressions(value: Json, path: Path, declared: ReadonlySet<string>, findings: Findings): void {
  visit(value, path, findings, (text, at) => {
    const parts = splitTemplate(text);
    if (parts === undefined) {
      const fix = "close it, or write `$${{` for a literal `${{`";
      findings.error("bad-expression", at, "`${{` is not closed by `}}`", { fix });
    }
    for (const part of parts ?? []) if (part.kind === "expression") checkOne(part.source, at, declared, findings);
  });
}

/** Where expressions have no place (params, schedule), one that is there would reach the pod as text. */
export function refuseExpressions(value: Json, path: Path, findings: Findings): void {
  visit(value, path, findings, (text, at) => {
    if (!isTemplate(text)) return;
    findings.error("bad-expression", at, "an expression has no place here", { fix: "write the value itself" });
  });
}

function visit(value: Json, path: Path, findings: Findings, text: (text: string, path: Path) => void): void {
  if (typeof value === "string") text(value, path);
  else if (Array.isArray(value)) {
    for (const [at, element] of value.entries()) visit(element, [...path, at], findings, text);
  } else if (isJsonObject(value)) {
    for (const [name, field] of Object.entries(value)) {
      const here = [...path, name];
      if (isTemplate(name)) findings.error("bad-expression", here, "a key cannot hold an expression", { at: "key" });
      visit(field, here, findings, text);
    }
  }
}

function checkOne(source: string, path: Path, declared: ReadonlySet<string>, findings: Findings): void {
  const name = paramOf(source);
  if (source === "") findings.error("bad-expression", path, "`${{ }}` has no expression in it");
  else if (name === undefined) checkRoot(source, path, declared, findings);
  else if (!declared.has(name)) {
    const more = {
      fix: `declare it: ${quote(`params: { ${name}: … }`)}`,
      ...findings.didYouMean(name, declared, (param) => `params.${param}`),
    };
    findings.error("unknown-param", path, `the param ${quote(name)} is not declared`, more);
  }
}

/** A bare unknown word is a mistake; everything else may be CEL, which comes later. */
function checkRoot(source: string, path: Path, declared: ReadonlySet<string>, findings: Findings): void {
  const root = /^[A-Za-z_][\w.-]*$/.test(source) ? source.split(/[.-]/, 1)[0] : undefined;
  const shown = quote(`\${{ ${source} }}`);
  if (root === "params" && source.includes("-")) {
    const fix = "names of params have `_`, no `-`";
    findings.error("bad-expression", path, `${shown} reads as a subtraction`, { fix });
  } else if (root === undefined || ROOTS.includes(root)) {
    const fix = "only `params.NAME` is replaced in this version";
    findings.error("not-yet", path, `${shown} is part of the format, but this version does not evaluate it yet`, {
      fix,
    });
  } else {
    const isParam = { fix: `did you mean ${quote(`params.${root}`)}?` };
    const more = declared.has(root) ? isParam : findings.didYouMean(root, ROOTS);
    findings.error("bad-expression", path, `${shown} begins with a name that expressions do not have`, more);
  }
}
