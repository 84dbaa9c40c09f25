import { type AttemptRef, isDagName, isRunId, isTaskName } from "@slipway/dag";

function valid<T extends string>(is: (text: string) => text is T, text: string): T {
  if (!is(text)) throw new RangeError(text);
  return text;
}

export const dagName = valid(isDagName, "sample");
export const taskName = valid(isTaskName, "passing-task");

/** For tests: an attempt in the installation `slipway` unless told. */
export function aRef(
  more: {
    readonly dag?: string;
    readonly run?: string;
    readonly installation?: string;
    readonly chain?: string;
    readonly attempt?: number;
    readonly task?: string;
    readonly index?: number;
  } = {},
): AttemptRef {
  const dag = valid(isDagName, more.dag ?? dagName);
  const run = valid(isRunId, more.run ?? "run-1");
  return {
    installation: more.installation ?? "slipway",
    chain: { workflowId: `dag/${dag}/${run}`, firstExecutionRunId: more.chain ?? "chain-1" },
    dag,
    run,
    task: valid(isTaskName, more.task ?? taskName),
    ...(more.index === undefined ? {} : { index: more.index }),
    attempt: more.attempt ?? 1,
  };
}
