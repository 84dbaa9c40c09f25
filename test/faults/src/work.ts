import { connect } from "node:net";
import { eventually, type Fleet } from "@slipway/testbed";

/** What a pod does: prints numbered lines and exits 7; or it goes on until somebody connects to it, or ends it. */
export type Work =
  | { readonly kind: "counts"; readonly lines: number; readonly every: number }
  | { readonly kind: "until told" }
  | { readonly kind: "until ended"; readonly lines: number };

const PORT = 7000;

export function scriptOf(work: Work): string {
  switch (work.kind) {
    case "counts":
      return `i=0; while [ $i -lt ${work.lines} ]; do i=$((i+1)); echo line $i; sleep ${work.every}; done; exit 7`;
    case "until told":
      return `nc -l -p ${PORT} > /dev/null & i=0; while kill -0 $! 2> /dev/null; do i=$((i+1)); echo line $i; sleep 0.1; done; echo last $i; exit 7`;
    case "until ended":
      return `trap 'exit 0' TERM; i=0; while [ $i -lt ${work.lines} ]; do i=$((i+1)); echo line $i; done; while true; do sleep 0.1; done`;
  }
}

/** Ends a pod that works until told: a connection to its own address. */
export async function tell(fleet: Fleet, task: string): Promise<void> {
  const labelSelector = `slipway.dev/task=${task}`;
  const { items } = await fleet.pods.listNamespacedPod({ namespace: fleet.namespace, labelSelector });
  const host = items[0]?.status?.podIP;
  await eventually(`the pod of ${task} takes a connection`, async () => {
    if (host === undefined) return false;
    return await new Promise<boolean>((resolve) => {
      const socket = connect({ host, port: PORT, timeout: 2000 }, () => resolve(true));
      socket.once("error", () => resolve(false)).once("timeout", () => socket.destroy());
      socket.once("connect", () => socket.destroy());
    });
  });
}

/** "whole" where these are the lines of that work, each once and in order; else what is wrong with them. */
export function judgeLines(work: Work, texts: readonly string[]): string {
  const said = work.kind === "until told" ? texts.length - 1 : work.lines;
  const wanted = Array.from({ length: said }, (_, i) => `line ${i + 1}`);
  if (work.kind === "until told") wanted.push(`last ${said}`);
  const at = wanted.findIndex((line, i) => line !== texts[i]);
  if (at === -1 && texts.length === wanted.length) return "whole";
  const first = at === -1 ? wanted.length : at;
  return `${texts.length} lines for ${wanted.length}; number ${first + 1} is ${texts[first] ?? "not there"}`;
}
