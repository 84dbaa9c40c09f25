/** Where a value of the command's surroundings comes from, and what it is: for docs/reference/settings.md and `slipway explain`. */
export interface SettingDoc {
  readonly variables: readonly [string, ...string[]];
  readonly flags?: readonly string[];
  /** Only `slipway worker` reads it. */
  readonly worker?: true;
  readonly text: string;
}

export const SETTINGS: readonly SettingDoc[] = [
  { variables: ["TEMPORAL_ADDRESS"], flags: ["--temporal"], text: "host:port" },
  { variables: ["TEMPORAL_NAMESPACE"], flags: ["--temporal-namespace"], text: "default `default`" },
  { variables: ["TEMPORAL_API_KEY", "TEMPORAL_TLS_\u2026"], text: "as for the `temporal` command" },
  {
    variables: ["TEMPORAL_PROFILE", "TEMPORAL_CONFIG_FILE"],
    flags: ["--profile"],
    text: "Temporal's own configuration file",
  },
  { variables: ["SLIPWAY_TEMPORAL_UI"], text: "base URL of the Web UI, for links; of the worker also for `run.url`" },
  {
    variables: ["NATS_URL"],
    flags: ["--nats"],
    text: "one URL, or several with commas; in the variable also `nats://user:password@host`",
  },
  {
    variables: ["NATS_CREDS"],
    flags: ["--nats-creds"],
    text: "a credentials file (JWT and nkey); it may be rotated while a worker runs",
  },
  {
    variables: ["NATS_USER", "NATS_PASSWORD"],
    flags: ["--nats-user"],
    text: "a user; the password is in the environment alone, where others do not see it",
  },
  { variables: ["NATS_TOKEN"], text: "a token" },
  {
    variables: ["NATS_CA", "NATS_CERT", "NATS_KEY"],
    flags: ["--nats-ca", "--nats-cert", "--nats-key"],
    text: "PEM files for TLS: the server's authority, our certificate, its key. Name the server, do not number it",
  },
  { variables: ["NATS_CONTEXT"], text: "a context of the `nats` command: its address and its login" },
  {
    variables: ["SLIPWAY_INSTALLATION"],
    flags: ["--installation"],
    text: "which Slipway: queues, streams and subjects derive from it; default `slipway`",
  },
  {
    variables: ["SLIPWAY_KUBECONFIG", "SLIPWAY_CONTEXT"],
    flags: ["--kubeconfig", "--context"],
    text: "`worker`, `doctor`: which cluster",
  },
  { variables: ["SLIPWAY_CLUSTER"], flags: ["--cluster"], text: "its name in the task queue; default `default`" },
  {
    variables: ["SLIPWAY_NAMESPACE"],
    flags: ["--namespace"],
    text: "where pods go that name no namespace; default `default`",
  },
  { variables: ["SLIPWAY_LOG_LEVEL"], worker: true, text: "debug, info, warn, error" },
  {
    variables: ["SLIPWAY_HISTORY_EVENTS"],
    worker: true,
    text: "events of a run's history after which it continues as new; default 8000",
  },
  {
    variables: ["SLIPWAY_STORE"],
    worker: true,
    text: "the URI that expressions see as `run.store`, `s3://bucket/prefix`; all workers of an installation need the same",
  },
  {
    variables: ["SLIPWAY_LOG_BYTES"],
    worker: true,
    text: "bytes that the log stream keeps; default 10 GiB, or what the server has",
  },
  {
    variables: ["SLIPWAY_EVENT_SUBJECTS"],
    worker: true,
    text: "patterns of NATS subjects, with commas, on which a `wait` may listen (`lake.*,orders.>`); none without it. All workers of an installation need the same",
  },
  {
    variables: ["SLIPWAY_OUTPUT_BYTES"],
    worker: true,
    text: "bytes that the object store keeps of large outputs; default 2 GiB, or what the server has",
  },
  {
    variables: ["SLIPWAY_POOLS"],
    worker: true,
    text: "the pools that tasks may take slots of, `gpu=7,db=2`; all workers of an installation need the same. A size that has changed holds from the first worker on that starts with it; fewer slots take nothing from who holds one",
  },
  {
    variables: ["SLIPWAY_POOL_CHECK"],
    worker: true,
    text: "how often pools look for holders that are gone; default `1m`. It holds for pools that are started after it",
  },
  {
    variables: ["SLIPWAY_REAPER_EVERY"],
    worker: true,
    text: "how often the reaper looks for pods that nobody waits for; default `10m`. The worker that starts last decides for all of its cluster",
  },
  {
    variables: ["SLIPWAY_REAPER_AGE"],
    worker: true,
    text: "pods younger than this are left to their watchers; default `10m`",
  },
  {
    variables: ["SLIPWAY_REDACT"],
    worker: true,
    text: "regular expressions of RE2, one a line; what matches in a log line or a message of the cluster leaves the worker as `[redacted]`. All workers of an installation need the same",
  },
  {
    variables: ["SLIPWAY_KUBERNETES_SILENCE"],
    worker: true,
    text: "a connection to the API server that carries nothing for so long counts as dead, and what it was to bring is asked for anew; default `150s` (calls never wait longer than 30 s), at least `5s`. A quiet watch still says something each minute: below that each costs a request as often",
  },
  {
    variables: ["SLIPWAY_RELEASE_PATIENCE"],
    worker: true,
    text: "how long a pod that has ended waits for its log to get further, while NATS takes nothing or the log cannot be read, before the run goes on without it: the pod stays for the reaper, or the log has a gap; default `60s`, at least `5s`. Below `30s` each of three tries to publish a run's events waits no longer either",
  },
  {
    variables: ["SLIPWAY_LOG_ROTATION_BYTES"],
    worker: true,
    text: "bytes at which the kubelets rotate a container's log (`containerLogMaxSize`); default 10 MiB, as theirs",
  },
  { variables: ["SLIPWAY_DEBUG"], text: "`1` adds the stack to every error" },
  { variables: ["NO_COLOR", "FORCE_COLOR"], text: "no colours; colours although the output is no terminal" },
];
