import { isJsonObject } from "../json.ts";
import { compileDag } from "./compile.ts";
import { type DagDocument, readDocument } from "./document.ts";
import { Findings, type Read } from "./findings.ts";
import { toJson } from "./json-door.ts";
import { JsonPlaces, type Places } from "./path.ts";
import { quote } from "./say.ts";
import { type YamlDocument, yamlDocuments } from "./yaml-text.ts";

/** One DAG of a file, and where its fields stand there (give `places` to `compileDag`). */
export interface DagText {
  readonly read: Read<DagDocument>;
  readonly places: Places;
}

/**
 * The DAGs of a YAML (or JSON) text, one per YAML document, in order; at least one entry. Reading stops at the first
 * document that is not YAML. `file` is only for messages. Never throws for any text.
 */
export function readDagFile(text: string, file?: string): readonly DagText[] {
  const names = new Set<string>();
  return yamlDocuments(text, file).map((document) => ({ places: document.places, read: readOne(document, names) }));
}

function readOne(document: YamlDocument, names: Set<string>): Read<DagDocument> {
  if (document.kind === "unreadable") return { kind: "refused", problems: [document.problem] };
  return Findings.read(document.places, (findings) => {
    const json = document.toJson(findings);
    const dag = findings.clean && json !== undefined ? readDocument(json, findings) : undefined;
    if (dag !== undefined && names.has(dag.dag)) {
      findings.error("duplicate-key", ["dag"], `the file has two DAGs called ${quote(dag.dag)}`);
    }
    if (dag !== undefined) names.add(dag.dag);
    return dag;
  });
}

/** The same checks for a DAG that came as JSON (short forms allowed); positions are paths. Never throws for any value. */
export function readDagJson(value: unknown): Read<DagDocument> {
  return Findings.read(new JsonPlaces(), (findings) => {
    const json = toJson(value, findings);
    return findings.clean && json !== undefined ? readDocument(json, findings) : undefined;
  });
}

/**
 * Everything that can be said about a file without running it: read, and compiled with the defaults of its params.
 * Params without a default are no problem here; what depends on them is then not looked at.
 */
export function lintDagFile(text: string, file?: string): readonly Read<DagDocument>[] {
  return readDagFile(text, file).map(({ read, places }) => {
    if (read.kind === "refused" || !hasDefaults(read.value)) return read;
    const compiled = compileDag(read.value, {}, places);
    return compiled.kind === "refused" ? compiled : read;
  });
}

function hasDefaults({ params }: DagDocument): boolean {
  return Object.values(params).every((schema) => isJsonObject(schema) && Object.hasOwn(schema, "default"));
}
