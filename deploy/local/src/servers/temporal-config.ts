import { portOf } from "./ports.ts";

/** Temporal's services on one machine, each with the ports it listens on. */
export const temporalPorts = [
  "frontend",
  "http",
  "frontendMembership",
  "history",
  "historyMembership",
  "matching",
  "matchingMembership",
  "worker",
  "workerMembership",
] as const;
export type TemporalPort = (typeof temporalPorts)[number];

/** The ports of the module's own config/development-sqlite-file.yaml; used when free. */
export const conventionalTemporalPorts: ReadonlyMap<TemporalPort, number> = new Map([
  ["frontend", 7233],
  ["http", 7243],
  ["frontendMembership", 6933],
  ["history", 7234],
  ["historyMembership", 6934],
  ["matching", 7235],
  ["matchingMembership", 6935],
  ["worker", 7239],
  ["workerMembership", 6939],
]);

/**
 * Dynamic settings: many activity results may arrive during one workflow task; fair queues; a cancel that reaches an
 * activity at once; time skipping for tests; new search attributes usable at once.
 */
export const dynamicSettings: Readonly<Record<string, number | boolean>> = {
  "history.maximumBufferedEventsBatch": 5000,
  "matching.enableFairness": true,
  "frontend.WorkerCommandsEnabled": true,
  "system.enableCancelActivityWorkerCommand": true,
  "frontend.WorkflowTimeSkippingEnabled": true,
  "system.forceSearchAttributesCacheRefreshOnRead": true,
};

/** JSON is YAML: both files are written as JSON. */
export function renderDynamicConfig(): string {
  const entries = Object.entries(dynamicSettings).map(([name, value]) => [name, [{ value, constraints: {} }]]);
  return `${JSON.stringify(Object.fromEntries(entries), undefined, 2)}\n`;
}

export interface TemporalConfigInput {
  readonly ports: ReadonlyMap<TemporalPort, number>;
  /** Path of the SQLite file, or undefined for a database that ends with the process. */
  readonly database: string | undefined;
  readonly dynamicConfigFile: string;
}

function datastore(database: string | undefined): object {
  // WAL with synchronous=1 loses nothing when a process is killed; only a power cut could take the last moments.
  const attributes =
    database === undefined
      ? { mode: "memory", cache: "private" }
      : { cache: "private", setup: "true", journal_mode: "wal", synchronous: "1", busy_timeout: "10000" };
  return {
    sql: {
      pluginName: "sqlite",
      databaseName: database ?? "default",
      connectAddr: "localhost",
      connectProtocol: "tcp",
      connectAttributes: attributes,
      maxConns: 1,
      maxIdleConns: 1,
      maxConnLifetime: database === undefined ? "0s" : "1h",
    },
  };
}

/** The server's static configuration: everything on loopback, one history shard, no archive, no metrics listener. */
export function renderTemporalConfig(input: TemporalConfigInput): string {
  const port = (name: TemporalPort): number => portOf(input.ports, name);
  const service = (grpc: TemporalPort, membership: TemporalPort, more: object = {}): object => ({
    rpc: { grpcPort: port(grpc), membershipPort: port(membership), bindOnLocalHost: true, ...more },
  });
  const frontend = `127.0.0.1:${port("frontend")}`;
  const config = {
    log: { stdout: true, level: "warn" },
    persistence: {
      defaultStore: "main",
      visibilityStore: "visibility",
      numHistoryShards: 1,
      datastores: { main: datastore(input.database), visibility: datastore(input.database) },
    },
    global: { membership: { maxJoinDuration: "30s", broadcastAddress: "127.0.0.1" } },
    services: {
      frontend: service("frontend", "frontendMembership", { httpPort: port("http") }),
      history: service("history", "historyMembership"),
      matching: service("matching", "matchingMembership"),
      worker: service("worker", "workerMembership"),
    },
    clusterMetadata: {
      enableGlobalNamespace: false,
      failoverVersionIncrement: 10,
      masterClusterName: "active",
      currentClusterName: "active",
      clusterInformation: {
        active: {
          enabled: true,
          initialFailoverVersion: 1,
          rpcName: "frontend",
          rpcAddress: frontend,
          httpAddress: `127.0.0.1:${port("http")}`,
        },
      },
    },
    dcRedirectionPolicy: { policy: "noop" },
    publicClient: { hostPort: frontend },
    archival: { history: { state: "disabled" }, visibility: { state: "disabled" } },
    namespaceDefaults: { archival: { history: { state: "disabled" }, visibility: { state: "disabled" } } },
    dynamicConfigClient: { filepath: input.dynamicConfigFile, pollInterval: "60s" },
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}
