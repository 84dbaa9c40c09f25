import { isJsonObject, type Outcome, type TaskSpec } from "@slipway/dag";
import type { ContainerState } from "./pod-view.ts";
import { explainStartError } from "./start-error.ts";

export type Terminated = Extract<ContainerState, { kind: "terminated" }>;

/** Linux' numbers (signal(7), x86 and ARM): those of the container, not of the host we run on. */
const SIGNALS: Readonly<Record<number, string>> = {
  1: "SIGHUP",
  2: "SIGINT",
  3: "SIGQUIT",
  4: "SIGILL",
  5: "SIGTRAP",
  6: "SIGABRT",
  7: "SIGBUS",
  8: "SIGFPE",
  9: "SIGKILL",
  10: "SIGUSR1",
  11: "SIGSEGV",
  12: "SIGUSR2",
  13: "SIGPIPE",
  14: "SIGALRM",
  15: "SIGTERM",
  24: "SIGXCPU",
  25: "SIGXFSZ",
  31: "SIGSYS",
};
const MAX_EVIDENCE = 1024;

/**
 * containerStatuses[].state.terminated → outcome. The termination message of a container that ran is its own output
 * (FallbackToLogsOnError), so it may hold anything and stays in Kubernetes; only the runtime's words are evidence.
 */
export function terminatedOutcome(state: Terminated, spec: TaskSpec | undefined): Outcome {
  const { exitCode, reason } = state;
  const times = timesOf(state);
  if (exitCode === 0) return { kind: "succeeded", message: "succeeded", ...times };
  if (reason === "OOMKilled") return { ...outOfMemory(exitCode, spec), evidence: { reason }, ...times };
  if (neverRan(state)) {
    const evidence = { reason, message: state.message.slice(0, MAX_EVIDENCE) };
    return { kind: "start_error", exitCode, message: explainStartError(state.message), evidence, ...times };
  }
  // The kubelet lost the container (a node that restarted): 137 is its guess, not the container's code.
  if (reason === "ContainerStatusUnknown")
    return {
      kind: "lost",
      message: "the node lost the container; how it ended is unknown",
      evidence: { reason },
      ...times,
    };
  return { ...exited(exitCode), ...(reason === "" ? {} : { evidence: { reason } }), ...times };
}

export function timesOf(state: ContainerState | undefined): Pick<Outcome, "startedAt" | "finishedAt"> {
  if (state === undefined || state.kind === "waiting") return {};
  const { startedAt } = state;
  const finishedAt = state.kind === "terminated" ? state.finishedAt : undefined;
  return { ...(startedAt !== undefined && { startedAt }), ...(finishedAt !== undefined && { finishedAt }) };
}

/** StartError: containerd; ContainerCannotRun: the older runtimes, whose code is 126-128. */
function neverRan({ reason, exitCode, startedAt }: Terminated): boolean {
  if (reason === "StartError" || reason === "ContainerCannotRun") return true;
  return startedAt === undefined && exitCode >= 126 && exitCode <= 128;
}

function exited(exitCode: number): Outcome {
  const signal = exitCode > 128 ? SIGNALS[exitCode - 128] : undefined;
  if (signal === undefined) return { kind: "exit", exitCode, message: `exit code ${exitCode}` };
  return { kind: "exit", exitCode, signal, message: `killed by ${signal} (exit code ${exitCode})` };
}

function outOfMemory(exitCode: number, spec: TaskSpec | undefined): Outcome {
  const resources = spec?.container["resources"];
  const limits = isJsonObject(resources) ? resources["limits"] : undefined;
  const limit = isJsonObject(limits) ? limits["memory"] : undefined;
  if (typeof limit !== "string" && typeof limit !== "number")
    return { kind: "oom_killed", exitCode, message: "killed: out of memory" };
  const text = String(limit);
  return { kind: "oom_killed", exitCode, limit: text, message: `killed: out of memory (its limit is ${text})` };
}
