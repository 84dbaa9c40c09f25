/** From a user's text or JSON to a compiled DAG. Kept apart from the index: workflow code never reads YAML. */
export { compileDag, documentText } from "./read/compile.ts";
export { compileTask } from "./read/compile-task.ts";
export { concludeOutputs, sourcesOfOutputs } from "./read/dag-outputs.ts";
export { type DagText, lintDagFile, readDagFile, readDagJson } from "./read/dag-file.ts";
export { countTasks, type DagDocument } from "./read/document.ts";
export { type FieldDoc, FIELDS } from "./read/field-docs.ts";
export type { Read } from "./read/findings.ts";
export { CONTAINER_FIELDS, kubernetesFields } from "./read/kubernetes-fields.ts";
export { type Mended, mendDagFile } from "./read/mend.ts";
export { LIMITS } from "./read/limits.ts";
export { outputValues, type OutputTexts, type SourceText } from "./read/output-values.ts";
export type { Places } from "./read/path.ts";
export { PEERS } from "./read/peers.ts";
export { NOT_YET, NOT_YET_WORDS, type Scope } from "./read/words.ts";
export { type Rendered, renderSpec, sourcesOf } from "./read/render-spec.ts";
export type { RunValues } from "./read/values-at-start.ts";
