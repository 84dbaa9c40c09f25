/**
 * Every error a user can meet: what went wrong is said where it happens, why and how to mend it stand here.
 * docs/reference/errors.md lists the same codes (a test compares them); `slipway explain CODE` prints one.
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
  "run-closed": {
    summary: "the run is already over",
    why: "a closed run cannot be changed any more",
    fix: "see how it ended with `slipway describe`; start another with `slipway run`",
  },
  unexpected: {
    summary: "something happened that Slipway does not know",
    why: "this is most likely a fault in Slipway",
    fix: "run the command again with SLIPWAY_DEBUG=1 and report what it prints",
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERRORS;

/** Where in a user's text: `file:line:column` and the path of the field, each where known. Lines and columns count from 1. */
export interface Where {
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  /** `tasks.passing-task.image` */
  readonly path?: string;
}

/** One thing wrong with a user's input or set-up: what, where, why, fix. Plain data, so it crosses Temporal as it is. */
export interface Problem {
  readonly code: ErrorCode;
  readonly what: string;
  readonly where?: Where;
  readonly why: string;
  readonly fix: string;
}

/** `fix` replaces the catalogue's where the place knows better (a suggestion, a value). */
export function problem(
  code: ErrorCode,
  what: string,
  more: { readonly where?: Where; readonly fix?: string } = {},
): Problem {
  const { why, fix } = ERRORS[code];
  return { code, what, why, fix: more.fix ?? fix, ...(more.where === undefined ? {} : { where: more.where }) };
}

/** The text that `lint` prints and that a failed start carries. */
export function renderProblem({ code, what, where, why, fix }: Problem): string {
  const place = where === undefined ? [] : [`  --> ${renderWhere(where)}`];
  return [`error[${code}]: ${what}`, ...place, `  why: ${why}`, `  fix: ${fix}`].join("\n");
}

function renderWhere({ file, line, column, path }: Where): string {
  const spot = [file, line, column].filter((part) => part !== undefined).join(":");
  return [spot, path].filter((part) => part !== undefined && part !== "").join("   ");
}

/** A failure that a person reads, thrown by services; `problems` has at least one. */
export class SlipwayError extends Error {
  override readonly name = "SlipwayError";
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[], options?: { readonly cause?: unknown }) {
    super(problems.map(renderProblem).join("\n\n"), options);
    this.problems = problems;
  }
}
