import { type ErrorEntry, ERRORS, type OutcomeKind } from "@slipway/dag";

/** Types of the failures that close a run (`workflows/run`). */
const FAILURES = {
  InvalidDag: {
    summary: "the input of the run was refused",
    why: "the DAG or its params have the problems that the message lists, as `slipway lint` does; no pod was created",
    fix: "mend the DAG or the params and start another run; `slipway explain CODE` explains each problem",
  },
  DagFailed: {
    summary: "the run failed",
    why: "a task that counts for the run's result failed; the message names it and the cause; details[0] is the report (of runPod: the outcome)",
    fix: "see `slipway describe RUN` and `slipway logs RUN TASK`; mend the cause and start another run",
  },
  InvalidStart: {
    summary: "the workflow was started in a way that would repeat a run",
    why: "a cron schedule or a workflow retry policy starts the workflow again with the same pod names",
    fix: "start it without them; `retries` in the DAG repeats a task",
  },
} as const satisfies Record<string, ErrorEntry>;

/** How attempts end. */
const OUTCOMES = {
  succeeded: {
    summary: "the main container ended with exit code 0",
    why: "the verdict is the container's own status, never its log",
    fix: "nothing to mend",
  },
  exit: {
    summary: "the main container ended with an exit code other than 0",
    why: "the program says so; above 128 a signal ended it (137 = SIGKILL, 143 = SIGTERM)",
    fix: "read the log (`slipway logs RUN TASK`); the attempt counts against retries.limit",
  },
  oom_killed: {
    summary: "the main container used more memory than its limit",
    why: "the kernel ends a container at resources.limits.memory",
    fix: "raise resources.limits.memory, or use less; the attempt counts against retries.limit",
  },
  timeout: {
    summary: "the attempt took longer than it may",
    why: "timeout.attempt runs from the start of the main container, timeout.total over all tries from the first pod on; before the start, finding a node (1 h) and starting (30 min) are bounded; the message says which",
    fix: "raise the timeout, or look at the pod's events for what held it up",
  },
  unschedulable: {
    summary: "no node took the pod",
    why: "within an hour the scheduler found no node with room that the pod may run on; the message has its words",
    fix: "ask for less in resources.requests, correct pod.nodeSelector, affinity or tolerations, or add nodes; the attempt counts against retries.limit",
  },
  image: {
    summary: "the image cannot be had",
    why: "the reference is invalid, the image or tag does not exist, or the registry refuses the pull",
    fix: "check the reference with the registry; for a private one set pod.imagePullSecrets",
  },
  config: {
    summary: "the container cannot be set up",
    why: "a secret, config map or key that the task names is missing, or a mount is wrong",
    fix: "create what is named in the message, in the pod's namespace",
  },
  start_error: {
    summary: "the container could not be started",
    why: "the command is not in the image, may not be executed, or its working directory is missing",
    fix: "correct command, or use an image that has it",
  },
  init: {
    summary: "an init container failed",
    why: "it ended with an exit code other than 0, so the main container never started; the message names it",
    fix: "read its log (`slipway logs RUN TASK -c CONTAINER`); the attempt counts against retries.limit",
  },
  rejected: {
    summary: "the cluster refused the pod, or a person said no",
    why: "admission, quota, permission or an invalid field, or `reject` and `mark failed`; the same would come again, so it is not retried",
    fix: "mend what the API server names in the message; ask the person that it names",
  },
  evicted: {
    summary: "the node gave the pod up",
    why: "the node ran short of memory or disk, was drained or shut down; the task did nothing wrong",
    fix: "set resources.requests to what the task needs; the attempt counts against retries.disruptions",
  },
  preempted: {
    summary: "the pod had to give way to one of higher priority",
    why: "the scheduler, or the node for a critical pod, needed its place; the task did nothing wrong",
    fix: "give the pod a higher pod.priorityClassName, or add nodes; the attempt counts against retries.disruptions",
  },
  node_lost: {
    summary: "the pod's node was lost",
    why: "the node is unreachable, tainted against the pod, or deleted; how far the task came is unknown",
    fix: "look at the node; the attempt counts against retries.disruptions",
  },
  interrupted: {
    summary: "somebody deleted the pod before it had ended",
    why: "a delete request that was not Slipway's came first, so the exit code says nothing about the work",
    fix: "see who deletes pods in that namespace; the attempt counts against retries.disruptions, or against nothing (at most 5 times) where main had not started",
  },
  unreachable: {
    summary: "the pod's node is silent, and the pod may still run",
    why: "its deletion was asked for, and a minute after its grace the node had not ended it; it is not deleted by force, which would only hide it",
    fix: "look at the node, and at what the task may still be doing; it is tried again only where the task itself (not `defaults`) sets retries.disruptions, because two pods might then run at once",
  },
  cancelled: {
    summary: "the attempt was ended on request",
    why: "the run was cancelled",
    fix: "start another run",
  },
  lost: {
    summary: "the pod is gone and nobody saw its end",
    why: "somebody deleted it, or its node vanished; whether it did its work is unknown",
    fix: "see who deletes pods in that namespace; the attempt counts against retries.disruptions",
  },
  output: {
    summary: "the task did not give the outputs that it promises",
    why: "the container ended with exit code 0, but an output is missing, too large, not JSON, or not of its type; the message names the first and says which",
    fix: "write a JSON object to the file $SLIPWAY_OUTPUTS (at most 4 KB), or print what `from: stdout` or `from: lastLine` reads; correct the schema under `outputs`; the attempt counts against retries.limit",
  },
  expression: {
    summary: "an expression of the task has no value",
    why: "`retries.if` failed, or took longer than it may, so nobody can say whether to try again; the message has its words and how the attempt ended",
    fix: "correct the expression; a pattern of `matches` should not nest `+` or `*`; the task is not tried again",
  },
} as const satisfies Record<OutcomeKind, ErrorEntry>;

/** Stops of the local stack (@slipway/local). */
const STACK_ERRORS = {
  StackNoGo: {
    summary: "Go is missing or too old",
    why: "the local servers are built from their pinned Go modules",
    fix: "install Go 1.26 or newer, or bring servers: `slipway up --context NAME --temporal ADDRESS --nats URL`",
  },
  StackNoDisk: {
    summary: "the disk has too little room",
    why: "building and running the local servers takes some gigabytes",
    fix: "free some, or set SLIPWAY_CACHE to a larger disk",
  },
  StackNoRoot: {
    summary: "the local Kubernetes needs root",
    why: "a kubelet and containerd start containers",
    fix: "run it as root, or use a cluster you have: `slipway up --context NAME`",
  },
  StackNoPackages: {
    summary: "system packages are missing",
    why: "a Kubernetes node needs runc and CNI plugins",
    fix: "install what is listed",
  },
  StackForeignKubelet: {
    summary: "another kubelet runs on this host",
    why: "two kubelets on one host destroy each other's pods",
    fix: "use that cluster: `slipway up --context NAME`",
  },
  StackToolFailed: {
    summary: "a tool that the stack uses failed",
    why: "the message ends with what it said",
    fix: "mend what it names and run the same command again",
  },
  StackTimeout: {
    summary: "a server did not answer in time",
    why: "the host may be busy, or the server may have stopped",
    fix: "see the log file that is named, and run the same command again",
  },
  StackServerDied: {
    summary: "a server ended while it was starting",
    why: "the message shows the end of its log",
    fix: "mend the cause and run the same command again",
  },
  StackNoPort: {
    summary: "no free port was found",
    why: "other programs hold the ones that were tried",
    fix: "stop one of them and run the same command again",
  },
  StackUnreachable: {
    summary: "a server that was named does not answer",
    why: "the address may be wrong, or it is not running",
    fix: "check the address that was given",
  },
  StackInterrupted: {
    summary: "stopped on request",
    why: "Ctrl-C",
    fix: "run the same command again: finished builds and images are kept",
  },
  StackUnsupported: {
    summary: "this host cannot run that part of the stack",
    why: "the local Kubernetes needs Linux",
    fix: "use a cluster you have: `slipway up --context NAME`",
  },
} as const satisfies Record<string, ErrorEntry>;

/** Everything that `explain` knows, as docs/reference/errors.md lists it. */
export const EXPLANATIONS: readonly {
  readonly title: string;
  readonly intro: string;
  readonly entries: Readonly<Record<string, ErrorEntry>>;
}[] = [
  {
    title: "Error codes",
    intro: "`error[CODE]` and `warning[CODE]`, in a terminal and in a failure's message.",
    entries: ERRORS,
  },
  {
    title: "Failure types",
    intro: "What `runDag` and `runPod` fail with, as every Temporal client sees it.",
    entries: FAILURES,
  },
  { title: "Outcomes", intro: "How an attempt ended: the `kind` in reports and events.", entries: OUTCOMES },
  {
    title: "Stops of the local stack",
    intro: "`slipway up`, `slipway quickstart` and `slipway down`.",
    entries: STACK_ERRORS,
  },
];

const ENTRIES: ReadonlyMap<string, ErrorEntry> = new Map(
  EXPLANATIONS.flatMap(({ entries }) => Object.entries(entries)),
);

/** Every code, type and kind. */
export const CODES: readonly string[] = [...ENTRIES.keys()];

export function explanationOf(code: string): ErrorEntry | undefined {
  return ENTRIES.get(code);
}
