import type { Problem } from "./problem.ts";

export * from "./problem.ts";

/**
 * Every error a user can meet: what went wrong is said where it happens, why and how to mend it stand here.
 * docs/reference/errors.md lists the same codes (services/cli/src/explanations.test.ts compares them); `slipway explain CODE`
 * prints one.
 */
export interface ErrorEntry {
  /** The error in general, one line. */
  readonly summary: string;
  readonly why: string;
  readonly fix: string;
}

export const ERRORS = {
  "yaml-syntax": {
    summary: "the file is not valid YAML",
    why: "a DAG that cannot be read without doubt is not run",
    fix: "mend the first place that is named; later complaints often follow from it",
  },
  "empty-file": {
    summary: "the file holds no DAG",
    why: "a DAG file holds at least one YAML document with `dag` and `tasks`",
    fix: "write `dag: NAME` and `tasks:`; examples/kubernetes_sample/dag.yaml is a small one",
  },
  "duplicate-key": {
    summary: "a key is there twice in one map",
    why: "YAML keeps one of the two, and nobody sees which",
    fix: "remove one, or rename it",
  },
  "yaml-merge-key": {
    summary: "YAML merge keys (`<<`) are not used here",
    why: "YAML 1.2 has no merge keys, and what they merge is not what Kubernetes merges",
    fix: "put what tasks share under `defaults`",
  },
  "number-spelling": {
    summary: "a number is not kept the way it is written",
    why: "YAML reads it as a number, and a number has no trailing or leading zeros",
    fix: "put it in quotes where the text is meant (a version, a code)",
  },
  "too-large": {
    summary: "the input is larger than a run can carry",
    why: "a DAG rides in the run's history, where Temporal allows 2 MB in one piece",
    fix: "split the DAG, or keep the data where the pods can read it and pass its address",
  },
  "unknown-field": {
    summary: "a field is not part of the format",
    why: "a misspelt field that is ignored changes what runs without a word",
    fix: "see the field reference (docs/reference/dag-file.md), or `kubectl explain pod.spec` for Kubernetes' own",
  },
  "newer-field": {
    summary: "a Kubernetes field that this version does not know",
    why: "a new cluster may know it, so it is passed on; the API server refuses what it does not know",
    fix: "check the spelling with `kubectl explain`",
  },
  "not-yet": {
    summary: "a word of the format that this version does not run yet",
    why: "a word that is accepted and ignored would make a run mean something else",
    fix: "leave it out for now; docs/reference/dag-file.md lists what runs today",
  },
  "no-clock": {
    summary: "a schedule that nothing follows yet",
    why: "this version checks a schedule and shows it; the clock that starts runs by it comes later",
    fix: "start runs with `slipway run`, or from any Temporal client",
  },
  "bad-value": {
    summary: "a field has a value it cannot have",
    why: "what is not understood is refused before a pod runs, not guessed",
    fix: "see the field reference (docs/reference/dag-file.md)",
  },
  "missing-field": {
    summary: "a required field is missing",
    why: "the DAG cannot run without it",
    fix: "add the field",
  },
  "bad-name": {
    summary: "a name has characters it cannot have",
    why: "names become part of pod names, NATS subjects and expressions",
    fix: "begin with a letter; then letters, digits, `_` and `-`; at most 48",
  },
  "empty-task": {
    summary: "a task has nothing in it",
    why: "a task says which kind it is by its fields, and an empty one may be an unfinished one",
    fix: "for a task that does nothing, write `noop: {}`; a pod needs an `image`",
  },
  "task-kind": {
    summary: "a task is of two kinds",
    why: "a task is exactly one kind, so that its fields have one meaning",
    fix: "keep one of them, or make two tasks",
  },
  "unknown-task": {
    summary: "`after` names a task that is not there",
    why: "a task waits for tasks that stand beside it, in its own DAG or group",
    fix: "name a task that stands beside it; a group waits for tasks around it, and they for the group",
  },
  "hidden-failure": {
    summary: "a task that runs whatever happens hides a failure",
    why: "a run is judged by its leaves, the tasks that nothing waits for; a leaf that runs anyway says nothing of what failed before it",
    fix: "put it under `finally`, which cannot turn a red run green, or let another task wait for what may fail",
  },
  "unknown-pool": {
    summary: "a task takes slots of a pool that nobody has declared",
    why: "the operator says which pools there are and how many slots each has; a name that is none would never let the task start",
    fix: "use one of the worker's pools (`slipway get pools`), or let the operator declare it in `SLIPWAY_POOLS`; a `mutex` needs no declaration",
  },
  "mutex-disruptions": {
    summary: "a task with a mutex does not say what happens when its pod is lost",
    why: "a lost pod is replaced up to 3 times, and one on a silent node may still be at its work when its replacement starts",
    fix: "write `retries: { disruptions: 0 }` where it must not run beside itself, or the number of tries that is right",
  },
  cycle: {
    summary: "tasks wait for each other in a circle",
    why: "none of them could ever start",
    fix: "remove one `after` of the circle",
  },
  "image-reference": {
    summary: "an image reference is not valid",
    why: "no cluster can pull it: references are [HOST/]NAME[:TAG][@DIGEST], and the name is lower case",
    fix: "check it with the registry's own name for the image",
  },
  "unknown-template": {
    summary: "`use` names a template that is not there",
    why: "a task takes its fields from a template of its own DAG",
    fix: "name one of `templates`, or add it there",
  },
  "hidden-param": {
    summary: "a param of a template has the name of a param of the DAG",
    why: "in the template `params.NAME` could mean either, and a reader would take the wrong one",
    fix: "rename the template's param, or remove it: a template sees the DAG's params as they are",
  },
  "unknown-param": {
    summary: "a param is not declared",
    why: "a misspelt param that is ignored would run the DAG with its default",
    fix: "declare it under `params`, or correct the name",
  },
  "missing-param": {
    summary: "a param without a default was not given",
    why: "a param that has no default is required",
    fix: "give it with `-p NAME=VALUE` (in a program: `params`), or give it a default in the DAG",
  },
  "bad-param": {
    summary: "a param's value does not fit its declaration",
    why: "a value that the DAG did not expect is refused before a pod runs",
    fix: "give a value that fits, or change the declaration under `params`",
  },
  "secret-param": {
    summary: "a param or an output looks like a secret",
    why: "both stay readable in the run's history, in Temporal and in what is shown of a run",
    fix: "put the secret into a Kubernetes Secret and name it: `env: { KEY: { secretKeyRef: { name: …, key: … } } }`",
  },
  "bad-expression": {
    summary: "an expression cannot be read or has no usable value",
    why: "`${{ … }}` is checked before a run starts; what is left unreplaced would reach the pod as text",
    fix: "write `${{ params.NAME }}`; `$${{` gives a literal `${{`",
  },
  "bad-condition": {
    summary: "a condition (`if`) cannot be used",
    why: "a condition that fails only when it is asked would fail its task then, so it is read and its types are checked before",
    fix: "write CEL over what the place gives: for `retries.if`, `outcome` with kind, exitCode, signal and message",
  },
  "event-subject": {
    summary: "a wait listens on a subject that this installation does not allow",
    why: "what a worker may hear is the operator's to say: its login to NATS may know more than the DAG's author should",
    fix: "ask the operator to add it to SLIPWAY_EVENT_SUBJECTS of the workers, or name an allowed one",
  },
  "server-unreachable": {
    summary: "a server that Slipway needs does not answer",
    why: "runs live in Temporal, logs and events in NATS, pods in Kubernetes",
    fix: "start the local stack with `slipway up`, or say where the server is (flags, environment)",
  },
  usage: {
    summary: "the command was not understood",
    why: "a flag, an argument or a value is not one that this command knows",
    fix: "see `slipway help` and `slipway COMMAND --help`",
  },
  "build-failed": {
    summary: "a program built no DAG",
    why: "`slipway build` takes the default export of a module, or what a command prints: the JSON model of a DAG",
    fix: "mend what it says; a file may not write, use the network or start processes while it is built",
  },
  "build-differs": {
    summary: "a program built another DAG the second time",
    why: "a DAG that depends on the clock, on chance or on the order of things is not the one that was looked at",
    fix: "give what changes as a param, or name the day by `${{ ds }}`",
  },
  "cannot-read": {
    summary: "a file cannot be read",
    why: "it is not there, is not a file, or may not be read by this user",
    fix: "check the path; a folder means its dag.yaml",
  },
  "no-address": {
    summary: "nobody said where a server is",
    why: "there is no flag, no environment variable, no profile and no local stack that names it",
    fix: "start the local stack with `slipway up`, or give the address (--temporal, --nats; TEMPORAL_ADDRESS, NATS_URL)",
  },
  "no-worker": {
    summary: "no worker polls the task queue",
    why: "a run waits in Temporal until a worker takes it up",
    fix: "start one with `slipway worker`, or `slipway up` for the local stack; check the installation's name",
  },
  "run-not-found": {
    summary: "there is no such run",
    why: "Temporal has no run of this installation under that name in this namespace, or it has been kept long enough",
    fix: "see `slipway get runs`; a run is named by @latest, its id, the beginning of its id, or its whole workflow id",
  },
  "run-ambiguous": {
    summary: "the name fits more than one run",
    why: "a prefix names a run only while it is the only one",
    fix: "give more characters, or the whole workflow id",
  },
  "run-exists": {
    summary: "a run with this id exists already",
    why: "a run id means one run for ever: its pods, logs and events carry it",
    fix: "leave --run-id out, or choose another id",
  },
  "run-queued": {
    summary: "the run waits for its turn, and takes no control but cancel",
    why: "as many runs of its DAG are active as `maxActiveRuns` allows, so nothing of it has begun",
    fix: "wait until it begins, cancel it, or cancel one of the active runs (`slipway get runs --dag DAG`)",
  },
  "run-closed": {
    summary: "the run is already over",
    why: "a closed run cannot be changed any more",
    fix: "see how it ended with `slipway describe`; `slipway retry` and `slipway clear` go on in a new run",
  },
  "bad-control": {
    summary: "what was asked of a run was not understood",
    why: "an update of a run takes one object with the fields of its own, and refuses what it does not know",
    fix: "see docs/reference/controls.md",
  },
  "task-not-found": {
    summary: "the run has no such task",
    why: "a control names a task of the DAG that the run was started with",
    fix: "see the names with `slipway get tasks RUN`",
  },
  "task-state": {
    summary: "the task is not in a state in which that can be done",
    why: "what runs is not changed under its feet, and what has succeeded does not run again by accident",
    fix: "see the task's state with `slipway get tasks RUN`",
  },
  kubeconfig: {
    summary: "the kubeconfig gives no usable cluster",
    why: "pods are created in the cluster that its context names, and in no other",
    fix: "name the file and one of its contexts (`kubectl config get-contexts` lists them)",
  },
  unexpected: {
    summary: "something happened that Slipway does not know",
    why: "this is most likely a fault in Slipway",
    fix: "run the command again with SLIPWAY_DEBUG=1 and report what it prints",
  },
  "jetstream-off": {
    summary: "NATS answers, but its JetStream does not",
    why: "logs, events and DAG versions are stored in JetStream streams",
    fix: "start nats-server with JetStream (`-js` and a store directory), or enable it for this account",
  },
  "streams-missing": {
    summary: "NATS has no streams of this installation",
    why: "a worker makes them when it starts",
    fix: "start a worker of this installation, or name the right one",
  },
  "nats-login": {
    summary: "what should log in to NATS cannot be used",
    why: "a user needs a password, a certificate its key, and every file must be readable",
    fix: "give NATS_CREDS (a file), or NATS_USER and NATS_PASSWORD, or NATS_TOKEN; for TLS NATS_CA, NATS_CERT and NATS_KEY (files)",
  },
  "nats-refused": {
    summary: "NATS refuses this user",
    why: "publishing and reading need an account with JetStream",
    fix: "check the user, token or credentials file, and the permissions it has",
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERRORS;

/** `fix` replaces the catalogue's where the place knows better (a suggestion, a value). */
export function problem(
  code: ErrorCode,
  what: string,
  { where, instead, ...more }: Partial<Pick<Problem, "where" | "fix" | "instead">> = {},
): Problem {
  const { why, fix } = ERRORS[code];
  const known = { ...(where !== undefined && { where }), ...(instead !== undefined && { instead }) };
  return { code, what, why, fix: more.fix ?? fix, ...known };
}
