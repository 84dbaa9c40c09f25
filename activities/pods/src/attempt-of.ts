import {
  ATTEMPT_KEY_ANNOTATION,
  attemptKey,
  type AttemptRef,
  isDagName,
  isRunId,
  isTaskName,
  LABEL_PREFIX,
  podName,
} from "@slipway/dag";
import { z } from "zod";
import { parseJson } from "./api-error.ts";
import type { PodView } from "./pod-view.ts";

const Key = z.tuple([z.string(), z.string(), z.string(), z.string(), z.int().nullable(), z.int()]);

/** The attempt whose pod this is, by its annotations; undefined where they, or its name, do not say so without doubt. */
export function attemptOf({ name, annotations }: PodView): AttemptRef | undefined {
  const key = Key.safeParse(parseJson(annotations[ATTEMPT_KEY_ANNOTATION] ?? ""));
  const dag = annotations[`${LABEL_PREFIX}dag`] ?? "";
  const run = annotations[`${LABEL_PREFIX}run`] ?? "";
  if (!key.success || !isDagName(dag) || !isRunId(run)) return undefined;
  const [installation, workflowId, firstExecutionRunId, task, index, attempt] = key.data;
  if (!isTaskName(task)) return undefined;
  const chain = { workflowId, firstExecutionRunId };
  const ref = { installation, chain, dag, run, task, attempt, ...(index === null ? {} : { index }) };
  return podName(ref) === name && attemptKey(ref) === annotations[ATTEMPT_KEY_ANNOTATION] ? ref : undefined;
}
