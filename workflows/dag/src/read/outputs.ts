import { isJsonObject, type Json, type JsonObject } from "../json.ts";
import { own } from "../strategic-merge.ts";
import { OUTPUT_SOURCES } from "../task-spec.ts";
import type { Findings } from "./findings.ts";
import { LIMITS } from "./limits.ts";
import { Validator } from "./misfits.ts";
import { checkIdentifier, warnOfSecret } from "./params.ts";
import type { Path } from "./path.ts";
import { listed, quote } from "./say.ts";
import { checkSchema } from "./schema-check.ts";
import { holdsTemplate } from "./template.ts";

interface Tools {
  /** Whether expressions have been replaced: before, a declaration that has one is not looked at. */
  readonly replaced: boolean;
  readonly findings: Findings;
}

/** The declarations of a layer: names, sources, schemas, and that each default fits its own schema. */
export function checkOutputs(outputs: Json | undefined, path: Path, { replaced, findings }: Tools): void {
  if (!isJsonObject(outputs)) return;
  const declared = Object.entries(outputs);
  if (declared.length > LIMITS.outputs) {
    findings.error("too-large", path, `the task has ${declared.length} outputs; at most ${LIMITS.outputs} are read`);
    return;
  }
  const validator = new Validator();
  for (const [name, declaration] of declared) {
    const here = [...path, name];
    checkIdentifier(name, "an output", here, findings);
    warnOfSecret(name, here, findings);
    if (!isJsonObject(declaration) || (!replaced && holdsTemplate(withoutValue(declaration)))) continue;
    checkOutput(declaration, here, findings, validator);
  }
}

/** A value is evaluated at the end; everything else of a declaration is looked at before. */
function withoutValue({ value: _value, ...declaration }: JsonObject): JsonObject {
  return declaration;
}

function checkOutput(declaration: JsonObject, path: Path, findings: Findings, validator: Validator): void {
  const { from, value: given, ...schema } = declaration;
  if (from !== undefined && given !== undefined)
    findings.error("bad-value", [...path, "from"], "`from` and `value` both say where the output comes from", {
      at: "key",
      fix: "keep one of them",
    });
  if (from !== undefined && !OUTPUT_SOURCES.some((source) => source === from)) {
    const known = { fix: `write ${listed(OUTPUT_SOURCES, "or")}` };
    const more = typeof from === "string" ? { ...known, ...findings.didYouMean(from, OUTPUT_SOURCES) } : known;
    findings.error("bad-value", [...path, "from"], "`from` is not a source of outputs", more);
  }
  const before = findings.clean;
  checkSchema(schema, path, findings);
  const value = own(schema, "default");
  if (!before || !findings.clean || value === undefined) return;
  for (const text of validator.misfits(value, schema)) {
    findings.error("bad-value", [...path, "default"], `the default of ${quote(String(path.at(-1)))} ${text}`, {
      fix: "change the default or the schema",
    });
  }
}
