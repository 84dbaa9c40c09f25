import type { Json, JsonObject } from "../json.ts";
import { own } from "../strategic-merge.ts";
import type { Findings } from "./findings.ts";
import { toJson } from "./json-door.ts";
import { Validator } from "./misfits.ts";
import type { Path } from "./path.ts";
import { quote } from "./say.ts";
import { checkSchema } from "./schema-check.ts";
import { isOfType, typeNames } from "./schema-types.ts";

/** What a DAG declares: name → JSON Schema. */
type Declarations = Readonly<Record<string, JsonObject>>;

/** Identifiers of CEL but its reserved words: `params.in` does not parse (https://github.com/google/cel-spec). */
const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,47}$/;
const RESERVED: ReadonlySet<string> = new Set(
  "true false null in as break const continue else for function if import let loop package namespace return var void while".split(
    " ",
  ),
);

const SECRET = /token|passw(?:or)?d|secret|credential|api_?key|private_?key/i;

/** The declarations themselves: names, schemas, and that each default fits its own schema. `owner`: the DAG, or a template. */
export function checkDeclarations(params: Declarations, findings: Findings, owner: Path = []): void {
  const validator = new Validator();
  for (const [name, schema] of Object.entries(params)) {
    const path = [...owner, "params", name];
    checkIdentifier(name, "a param", path, findings);
    warnOfSecret(name, path, findings);
    const before = findings.clean;
    checkSchema(schema, path, findings);
    const value = own(schema, "default");
    if (!before || !findings.clean || value === undefined) continue;
    for (const text of validator.misfits(value, schema)) {
      findings.error("bad-param", [...path, "default"], `the default of ${quote(name)} ${text}`, {
        fix: "change the default or the schema",
      });
    }
  }
}

/** Params and outputs stay readable in the history of the run. */
export function warnOfSecret(name: string, path: Path, findings: Findings): void {
  if (SECRET.test(name)) findings.warn("secret-param", path, `${quote(name)} looks like a secret`, { at: "key" });
}

/** Names that expressions use: of params and of outputs. */
export function checkIdentifier(name: string, what: string, path: Path, findings: Findings): void {
  if (NAME.test(name) && !RESERVED.has(name)) return;
  const fix = RESERVED.has(name)
    ? "it is a reserved word of CEL"
    : "letters, digits and `_`; no digit first; at most 48";
  findings.error("bad-name", path, `${quote(name)} is not a name for ${what}`, { at: "key", fix });
}

/**
 * The params of one run: each declared one given, or else its default. Text is read as the declared type
 * (`-p n=3`), since a command line has only text.
 */
export function resolveParams(params: Declarations, given: JsonObject, findings: Findings): JsonObject {
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(params, name)) continue;
    const near = findings.suggest(name, Object.keys(params));
    const known = Object.keys(params).length === 0 ? "the DAG has no params" : undefined;
    const fix = near === undefined ? known : `did you mean ${quote(near)}?`;
    findings.error(
      "unknown-param",
      ["params", name],
      `the DAG has no param ${quote(name)}`,
      fix === undefined ? {} : { fix },
    );
  }
  const validator = new Validator();
  return Object.fromEntries(
    Object.entries(params).flatMap(([name, schema]) => {
      const value = resolveOne(name, schema, own(given, name), { findings, validator });
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

interface Tools {
  readonly findings: Findings;
  readonly validator: Validator;
}

function resolveOne(name: string, schema: JsonObject, given: Json | undefined, tools: Tools): Json | undefined {
  const { findings, validator } = tools;
  const path = ["params", name];
  if (given === undefined) {
    const value = own(schema, "default");
    if (value === undefined) {
      findings.error("missing-param", path, `the param ${quote(name)} was not given and has no default`, {
        fix: `give it: \`-p ${name}=VALUE\`, or \`params: { ${name}: … }\``,
      });
    }
    return value;
  }
  const value = coerce(given, schema, findings);
  for (const text of validator.misfits(value, schema))
    findings.error("bad-param", path, `the param ${quote(name)} ${text}`);
  return value;
}

/** Text that spells a value of the declared type, as that value; anything else as it came. */
function coerce(given: Json, schema: JsonObject, findings: Findings): Json {
  const types = typeNames(own(schema, "type"));
  if (typeof given !== "string" || types.length === 0 || types.includes("string")) return given;
  const value = spelled(given, findings);
  return value !== undefined && types.some((type) => isOfType(value, type)) ? value : given;
}

function spelled(text: string, findings: Findings): Json | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "number") return Number.isInteger(value) && !Number.isSafeInteger(value) ? undefined : value;
    return typeof value === "string" ? undefined : toJson(value, findings);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** What `runPod` declares by the params it was given: each any value of its own type. */
export function declare(given: JsonObject): Declarations {
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, { default: value }]));
}
