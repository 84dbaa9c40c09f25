import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type ParsedNode,
  parseAllDocuments,
  type Scalar,
} from "yaml";
import { type Problem, problem } from "../errors.ts";
import { type Json, utf8Length } from "../json.ts";
import { Budget } from "./budget.ts";
import type { Findings } from "./findings.ts";
import { isKey, numberOf } from "./json-door.ts";
import { LIMITS } from "./limits.ts";
import { FilePlaces, type Path, type Place } from "./path.ts";
import { quote } from "./say.ts";
import { isTextPlace } from "./text-places.ts";
import { controlProblem, syntaxProblem } from "./yaml-problems.ts";

/** One YAML document that parsed, or why the file goes no further. */
export type YamlDocument =
  | { readonly kind: "document"; readonly places: FilePlaces; toJson(findings: Findings): Json | undefined }
  | { readonly kind: "unreadable"; readonly places: FilePlaces; readonly problem: Problem };

/**
 * The documents of a YAML 1.2 text, up to the first that cannot be parsed; at least one.
 * Only the first syntax error is told: later ones follow from it. Warnings of the parser are errors
 * (`if: !x` is one, and would silently give an empty text).
 */
export function yamlDocuments(text: string, file: string | undefined): readonly YamlDocument[] {
  const lines = new LineCounter();
  const places = (): FilePlaces => new FilePlaces(file, (offset) => positionOf(lines, offset));
  const whole = (code: "too-large" | "empty-file", what: string): readonly YamlDocument[] => {
    const own = places();
    return [unreadable(own, problem(code, what, { where: own.at(0) }))];
  };
  const bytes = utf8Length(text);
  if (bytes > LIMITS.fileBytes) {
    return whole("too-large", `the file has ${(bytes / 1_048_576).toFixed(1)} MB; at most 1 MB is read`);
  }
  const parsed = parse(text, lines);
  const control = controlProblem(text, places());
  if (control !== undefined) return [unreadable(places(), control)];
  const documents = parsed.filter((document) => document.errors.length > 0 || !isEmpty(document));
  if (documents.length === 0) return whole("empty-file", "the file holds no DAG");
  if (documents.length > LIMITS.documents) {
    return whole("too-large", `the file has ${documents.length} YAML documents; at most ${LIMITS.documents} are read`);
  }
  const broken = documents.findIndex(({ errors, warnings }) => errors.length + warnings.length > 0);
  return documents.slice(0, broken === -1 ? undefined : broken + 1).map((document) => {
    const [first] = [...document.errors, ...document.warnings];
    const own = places();
    if (first !== undefined) return unreadable(own, syntaxProblem(first, text, own));
    return { kind: "document", places: own, toJson: (findings) => new Reader(own, findings).read(document) };
  });
}

function isEmpty({ contents }: Document.Parsed): boolean {
  return contents === null || (isScalar(contents) && contents.value === null);
}

function unreadable(places: FilePlaces, why: Problem): YamlDocument {
  return { kind: "unreadable", places, problem: why };
}

/** YAML 1.2 core whatever `%YAML` says; keys are text; duplicates are our own check (the library's is quadratic). */
function parse(text: string, lineCounter: LineCounter): readonly Document.Parsed[] {
  const documents = parseAllDocuments(text, {
    lineCounter,
    prettyErrors: false,
    uniqueKeys: false,
    stringKeys: true,
    schema: "core",
    logLevel: "silent",
  });
  return [...documents];
}

function positionOf(lines: LineCounter, offset: number): { line: number; column: number } {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

/** From the parsed nodes to JSON, keeping where each value stands. */
class Reader {
  readonly #places: FilePlaces;
  readonly #findings: Findings;
  readonly #budget: Budget;
  readonly #anchors = new Map<string, ParsedNode>();
  readonly #open = new Set<ParsedNode>();

  constructor(places: FilePlaces, findings: Findings) {
    this.#places = places;
    this.#findings = findings;
    this.#budget = new Budget(places);
  }

  read(document: Document.Parsed): Json | undefined {
    return document.contents === null ? null : this.#node(document.contents, [], this.#places.root);
  }

  #node(node: ParsedNode, path: Path, place: Place): Json | undefined {
    if (isAlias(node)) return this.#alias(node.source, path, place);
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    if (isScalar(node)) return this.#scalar(node, path);
    this.#budget.spend(path, 1);
    if (this.#open.has(node)) return this.#error(path, "an alias stands for the value it is in, without end");
    this.#open.add(node);
    const value = isMap(node)
      ? this.#map(node.items, path, place)
      : isSeq(node)
        ? this.#list(node.items, path, place)
        : null;
    this.#open.delete(node);
    return value;
  }

  #map(items: readonly { key: ParsedNode; value: ParsedNode | null }[], path: Path, place: Place): Json {
    const fields = new Map<string, Json>();
    for (const { key, value } of items) {
      const name = isScalar(key) && typeof key.value === "string" ? key.value : "";
      const start = key.range[0];
      const at: Place = { key: start, value: value?.range[0] ?? start, fields: new Map() };
      const here = [...path, name];
      this.#budget.spend(path, name.length);
      if (!isKey(name, path, this.#findings) || this.#refused(name, here, fields, at, place)) continue;
      place.fields.set(name, at);
      fields.set(name, (value === null ? null : this.#node(value, here, at)) ?? null);
    }
    return Object.fromEntries(fields);
  }

  /** Duplicate and merge keys; the first of two keeps its place. */
  #refused(name: string, path: Path, fields: ReadonlyMap<string, Json>, at: Place, place: Place): boolean {
    const first = place.fields.get(name);
    if (name !== "<<" && !fields.has(name)) return false;
    place.fields.set(name, at);
    if (name === "<<") this.#findings.error("yaml-merge-key", path, "`<<` merges nothing here", { at: "key" });
    else this.#duplicate(name, path, first);
    if (first !== undefined) place.fields.set(name, first);
    return true;
  }

  #duplicate(name: string, path: Path, first: Place | undefined): void {
    const line = first === undefined ? undefined : this.#places.at(first.key).line;
    const where = line === undefined ? "" : `; the first is on line ${line}`;
    this.#findings.error("duplicate-key", path, `${quote(name)} is there twice${where}`, { at: "key" });
  }

  #list(items: readonly ParsedNode[], path: Path, place: Place): Json {
    return items.map((item, index) => {
      const at: Place = { key: item.range[0], value: item.range[0], fields: new Map() };
      place.fields.set(index, at);
      return this.#node(item, [...path, index], at) ?? null;
    });
  }

  #alias(anchor: string, path: Path, place: Place): Json | undefined {
    const node = this.#anchors.get(anchor);
    if (node !== undefined) return this.#node(node, path, place);
    return this.#error(path, "a value begins with `*`, which stands for a value marked `&` before, and there is none", {
      fix: "put the value in quotes if the `*` is meant as text",
    });
  }

  #scalar(node: Scalar.Parsed, path: Path): Json | undefined {
    const { value, source } = node;
    this.#budget.spend(path, source.length);
    if (value === null || typeof value === "string") return value;
    const plain = node.type === "PLAIN";
    if (plain && isTextPlace(path)) return source;
    if (typeof value === "boolean") return value;
    if (typeof value !== "number")
      return this.#error(path, `the tag ${quote(node.tag ?? "")} gives a value that JSON lacks`);
    if (plain && path[0] === "params" && String(value) !== source) this.#respelt(source, value, path);
    return numberOf(value, path, this.#findings);
  }

  #respelt(source: string, value: number, path: Path): void {
    const fix = `write "${source}" in quotes if the text is meant, ${value} if the number is`;
    this.#findings.warn("number-spelling", path, `${quote(source)} is read as the number ${value}`, { fix });
  }

  #error(path: Path, what: string, more: { readonly fix?: string } = {}): undefined {
    this.#findings.error("yaml-syntax", path, what, more);
  }
}
