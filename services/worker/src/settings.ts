import type { Redact } from "@slipway/dag";
import type { ClusterAddress } from "@slipway/pods";
import type { NatsSettings } from "@slipway/streams";
import type { NativeConnectionOptions } from "@temporalio/worker";

/** What a worker is started with: parsed once by the command line, handed down as arguments. */
export interface WorkerSettings {
  /** Default `slipway`. */
  readonly installation: string;
  /** The name of the cluster in the pods queue `<installation>-pods-<cluster>`. */
  readonly cluster: string;
  readonly temporal: {
    /** `host:port` */
    readonly address: string;
    readonly namespace: string;
    readonly apiKey?: string;
    /** As @temporalio/worker takes it; `true` = TLS with the system's authorities. */
    readonly tls?: NonNullable<NativeConnectionOptions["tls"]>;
  };
  readonly nats: NatsSettings;
  /** A kubeconfig file and perhaps a context of it, or the service account of the worker's own pod. */
  readonly kubernetes: ClusterAddress;
  /** Where pods go that name no namespace. */
  readonly namespace: string;
  /** Attempts watched at once. Default 1,000. */
  readonly maxPods?: number;
  /** Bytes that the log stream keeps (and JetStream reserves). Default 10 GiB, or what the server has. */
  readonly logBytes?: number;
  /** Bytes that the object store keeps of large outputs. Default 2 GiB, or what the server has. */
  readonly outputBytes?: number;
  /** Bytes at which the kubelets rotate a container's log (`containerLogMaxSize`). Default 10 MiB, as theirs. */
  readonly rotationBytes?: number;
  /** A connection to the API server that carries nothing for so long counts as dead. Milliseconds, default 2.5 minutes. */
  readonly silenceMs?: number;
  /** How long a release tries to finish a log that NATS does not take or that cannot be read; events wait no longer. Milliseconds, default a minute. */
  readonly patienceMs?: number;
  /** Takes out of log lines and messages what must not leave the worker. Default: nothing. */
  readonly redact?: Redact;
  /** Events of a run's history after which it continues as new. Default 8,000; Temporal's own limit is 51,200. */
  readonly historyEvents?: number;
  /** What expressions see as `run.url` and `run.store`; null where it is not said. */
  readonly run?: {
    /** Base URL of Temporal's Web UI. */
    readonly ui?: string;
    /** URI under which runs may keep files, `s3://bucket/prefix`; nothing here reads or writes it. */
    readonly store?: string;
  };
  /** Pools that tasks may take slots of: name → slots. Default: none. The same for all workers of an installation. */
  readonly pools?: Readonly<Record<string, number>>;
  /** Milliseconds between two looks for holders of slots that are gone. Default 1 minute. */
  readonly poolCheckMs?: number;
  /** Patterns of the NATS subjects on which a `wait` may listen. Default: none. */
  readonly eventSubjects?: readonly string[];
  readonly reaper?: {
    /** Milliseconds between two passes. Default 10 minutes. */
    readonly everyMs?: number;
    /** Pods younger than this are left to their watchers. Milliseconds, default 10 minutes. */
    readonly ageMs?: number;
  };
  /** Default info. */
  readonly logLevel?: "debug" | "info" | "warn" | "error";
}
