import type { z } from "zod";
import { checkCondition } from "../cel/check.ts";
import { isJsonObject, type Json, type JsonObject } from "../json.ts";
import { own } from "../strategic-merge.ts";
import type { Findings } from "./findings.ts";
import { checkEnv, checkFields, checkImage, checkMetadata, checkPod } from "./kubernetes.ts";
import { CONTAINER_FIELDS } from "./kubernetes-fields.ts";
import { checkOutputs } from "./outputs.ts";
import type { Path } from "./path.ts";
import { defaultsSchema, taskSchema, templateSchema } from "./shape.ts";
import { reportIssues } from "./shape-problems.ts";

/** The defaults are a task without graph words and kinds, so both are read as one type. */
export type Layer = z.output<typeof taskSchema>;

export type LayerScope = "task" | "defaults" | "template";

export interface LayerPlace {
  readonly path: Path;
  readonly scope: LayerScope;
  /** Whether expressions have been replaced: before, a value that is one is not looked at. */
  readonly replaced: boolean;
}

const SCHEMAS = { task: taskSchema, defaults: defaultsSchema, template: templateSchema } as const;

/** One task, a template, or the defaults, in the long form. `undefined` where a problem was told or a value is still an expression. */
export function checkLayer(
  layer: JsonObject,
  { path, scope, replaced }: LayerPlace,
  findings: Findings,
): Layer | undefined {
  const parsed = SCHEMAS[scope].safeParse(layer);
  if (!parsed.success && reportIssues(parsed.error.issues, { value: layer, path, scope, replaced }, findings))
    return undefined;
  checkFields(containerOf(layer), "Container", path, findings);
  checkImage(own(layer, "image"), [...path, "image"], findings);
  checkEnv(own(layer, "env"), [...path, "env"], findings);
  const [pod, metadata] = [own(layer, "pod"), own(layer, "metadata")];
  if (isJsonObject(pod)) checkPod(pod, [...path, "pod"], findings);
  if (isJsonObject(metadata)) checkMetadata(metadata, [...path, "metadata"], findings);
  checkRetryCondition(own(layer, "retries"), [...path, "retries", "if"], findings);
  checkOutputs(own(layer, "outputs"), [...path, "outputs"], { replaced, findings });
  return parsed.success && findings.clean ? parsed.data : undefined;
}

/** Conditions hold no expressions to be replaced, so they are complete from the start. */
function checkRetryCondition(retries: Json | undefined, path: Path, findings: Findings): void {
  const condition = isJsonObject(retries) ? own(retries, "if") : undefined;
  const wrong = typeof condition === "string" ? checkCondition("retries.if", condition) : undefined;
  if (wrong === undefined) return;
  const { what, ...more } = wrong;
  findings.error("bad-condition", path, what, more);
}

/** The fields of a task that are Kubernetes' Container. */
export function containerOf(layer: JsonObject): JsonObject {
  return Object.fromEntries(
    CONTAINER_FIELDS.flatMap((field) => {
      const value = own(layer, field);
      return value === undefined ? [] : [[field, value]];
    }),
  );
}
