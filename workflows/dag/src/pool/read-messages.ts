import { isDagName, isRunId, isTaskName } from "../ids.ts";
import { isJsonObject, type JsonObject } from "../json.ts";
import { type Holder, isPoolKind, type Place, type PoolRef } from "./pool-ref.ts";
import type { PoolAnswer, PoolMessage } from "./pool-state.ts";

/**
 * What pools and runs signal each other, read by hand as it arrives in workflow code: whoever may signal a workflow may send it
 * anything, and an error would hold it up. What is no message is passed over.
 */
export function readPoolMessages(value: unknown): PoolMessage[] {
  return (Array.isArray(value) ? value : []).flatMap((each: unknown) => (isJsonObject(each) ? messageOf(each) : []));
}

function messageOf({ kind, holder: from, turn, slots, priority, since, left }: JsonObject): PoolMessage[] {
  if (kind === "resize") return isCount(slots) ? [{ kind, slots }] : [];
  const holder = holderOf(from);
  if (holder === undefined || !isCount(turn)) return [];
  if (kind === "release") return [{ kind, holder, turn, ...(left === true && { left }) }];
  if (kind !== "request" || !isCount(slots) || !isCount(priority) || typeof since !== "string") return [];
  return [{ kind, holder, turn, slots, priority, since }];
}

/** Undefined where it says of no pool. */
export function readPoolNews(
  value: unknown,
): { readonly pool: PoolRef; readonly answers: readonly PoolAnswer[] } | undefined {
  if (!isJsonObject(value) || !isJsonObject(value["pool"])) return undefined;
  const { kind, name } = value["pool"];
  if (typeof kind !== "string" || !isPoolKind(kind) || typeof name !== "string") return undefined;
  const answers = Array.isArray(value["answers"]) ? value["answers"] : [];
  return {
    pool: { kind, name },
    answers: answers.flatMap((each: unknown) => (isJsonObject(each) ? answerOf(each) : [])),
  };
}

function answerOf({ holder: to, turn, place }: JsonObject): PoolAnswer[] {
  const holder = holderOf(to);
  if (holder === undefined || !isCount(turn)) return [];
  if (place === undefined) return [{ holder, turn }];
  const read = placeOf(place);
  return read === undefined ? [] : [{ holder, turn, place: read }];
}

function placeOf(value: unknown): Place | undefined {
  if (!isJsonObject(value)) return undefined;
  const { at, of, used, tooFew } = value;
  if (!isCount(at) || !isCount(of) || !isCount(used)) return undefined;
  return { at, of, used, ...(isCount(tooFew) && { tooFew }) };
}

function holderOf(value: unknown): Holder | undefined {
  if (!isJsonObject(value) || !isJsonObject(value["chain"])) return undefined;
  const { chain, cluster, dag, run, task, index } = value;
  const { workflowId, firstExecutionRunId } = isJsonObject(chain) ? chain : {};
  if (typeof workflowId !== "string" || typeof firstExecutionRunId !== "string") return undefined;
  if (typeof cluster !== "string" || typeof dag !== "string" || typeof run !== "string") return undefined;
  if (!isDagName(dag) || !isRunId(run)) return undefined;
  const holder = { chain: { workflowId, firstExecutionRunId }, cluster, dag, run };
  if (task === undefined) return holder;
  if (typeof task !== "string" || !isTaskName(task)) return undefined;
  return { ...holder, task, ...(isCount(index) && { index }) };
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
