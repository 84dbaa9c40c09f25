import { SEARCH_ATTRIBUTES, type SlipwayClient } from "@slipway/client";
import { installationNames, problem } from "@slipway/dag";
import type { ClusterAddress, ClusterCheck } from "@slipway/pods";
import { type Check, failed, ok } from "./check.ts";
import { resolveKubernetes } from "./kubernetes.ts";
import { requireNats, type Settings } from "./settings.ts";
import type { StackAddresses } from "./settings.ts";
import { shortDuration } from "./time.ts";
import type { World } from "./world.ts";

/** Temporal answers, has the namespace and the search attributes, and workers poll. */
export async function temporalChecks(settings: Settings): Promise<readonly Check[]> {
  const { connect } = await import("@slipway/client");
  const { address } = settings.temporal;
  const client = await connect(settings).catch((error: unknown) => failed("Temporal", error));
  if (!("checkTemporal" in client)) return [client];
  try {
    const { version, retentionMs, searchAttributes } = await client.checkTemporal();
    const kept = `namespace ${client.namespace}, closed runs kept ${shortDuration(retentionMs)}`;
    return [
      ok("Temporal", `${version} at ${address}; ${kept}`),
      attributesCheck(searchAttributes),
      ...(await workerChecks(client, settings)),
    ];
  } catch (error) {
    return [
      failed(
        `Temporal namespace ${client.namespace}`,
        error,
        "create it, or name another (--temporal-namespace, TEMPORAL_NAMESPACE)",
      ),
    ];
  } finally {
    await client.close();
  }
}

function attributesCheck(found: readonly string[] | undefined): Check {
  const what = "search attributes";
  const missing = SEARCH_ATTRIBUTES.filter((name) => found?.includes(name) !== true);
  if (missing.length === 0) return ok(what, SEARCH_ATTRIBUTES.join(", "));
  const said = found === undefined ? "this user may not ask for them" : `missing: ${missing.join(", ")}`;
  return {
    what,
    verdict: "warn",
    found: `${said}; runs work, filters in Temporal's Web UI do not`,
    fix: "start a worker that may register them, or register them once with `temporal operator search-attribute create`",
  };
}

async function workerChecks(client: SlipwayClient, { cluster }: Settings): Promise<readonly Check[]> {
  const queues = await client.workersPolling({ cluster });
  return queues.map(({ taskQueue, serves, workers }): Check => {
    const what = `workers for ${serves}`;
    if (workers.length > 0) return ok(what, `${workers.map(({ identity }) => identity).join(", ")} on ${taskQueue}`);
    return { what, verdict: "fail", found: `nobody polls ${taskQueue}`, fix: problem("no-worker", "").fix };
  });
}

/** NATS answers, has JetStream, and holds the installation's streams. */
export async function natsChecks(settings: Settings): Promise<readonly Check[]> {
  const { checkNats } = await import("@slipway/client");
  try {
    const nats = requireNats(settings);
    const { version, jetstream, streams } = await checkNats(nats, settings.installation);
    const server = ok("NATS", `${version} at ${[nats.servers].flat().map(withoutUser).join(", ")}`);
    if (!jetstream)
      return [server, { what: "JetStream", verdict: "fail", found: "it is off", fix: "start nats-server with -js" }];
    const { logStream, eventStream } = installationNames(settings.installation);
    return [
      server,
      ...[logStream, eventStream].map((name) =>
        streamCheck(
          name,
          streams.find((stream) => stream.name === name),
        ),
      ),
    ];
  } catch (error) {
    return [failed("NATS", error)];
  }
}

function streamCheck(name: string, stream: { readonly messages: number; readonly bytes: number } | undefined): Check {
  const what = `stream ${name}`;
  if (stream !== undefined) return ok(what, `${stream.messages} messages, ${(stream.bytes / 1e6).toFixed(1)} MB`);
  return { what, verdict: "fail", found: "it is not there", fix: problem("streams-missing", "").fix };
}

function withoutUser(url: string): string {
  return url.replace(/^([a-z]+:\/\/)?[^@/]*@/, "$1");
}

/** The cluster answers and lets a worker do what it does. */
export async function kubernetesChecks(
  world: World,
  flags: { readonly kubeconfig?: string; readonly context?: string; readonly namespace?: string },
  stack: StackAddresses | undefined,
): Promise<readonly Check[]> {
  const namespace = flags.namespace ?? world.env["SLIPWAY_NAMESPACE"] ?? "default";
  try {
    const target = resolveKubernetes(flags, world.env, stack);
    return await clusterChecks(target, namespace);
  } catch (error) {
    return [
      failed(
        "Kubernetes",
        error,
        "check the kubeconfig and its context (--kubeconfig, --context), and that the cluster answers",
      ),
    ];
  }
}

async function clusterChecks(target: ClusterAddress, namespace: string): Promise<readonly Check[]> {
  const { checkCluster, connectCluster } = await import("@slipway/pods");
  const cluster = connectCluster(target);
  try {
    const { version, access } = await checkCluster(cluster, namespace);
    return [ok("Kubernetes", `${version}, ${nameOf(target)}`), accessCheck(access, namespace)];
  } finally {
    await cluster.close();
  }
}

function accessCheck(access: ClusterCheck["access"], namespace: string): Check {
  const what = `access in ${namespace}`;
  const denied = access.filter(({ allowed }) => !allowed);
  if (denied.length === 0) return ok(what, access.map(titleOf).join(", "));
  const goesOn = denied.every(({ optional }) => optional);
  return {
    what,
    verdict: goesOn ? "warn" : "fail",
    found: `not allowed: ${denied.map(titleOf).join(", ")}${goesOn ? "; runs work, a pod that waits is explained less well" : ""}`,
    fix: "give the worker's user the Role of docs/reference/permissions.md in that namespace",
  };
}

function titleOf({ verb, resource, subresource }: ClusterCheck["access"][number]): string {
  return `${verb} ${resource}${subresource === undefined ? "" : `/${subresource}`}`;
}

function nameOf(target: ClusterAddress): string {
  if ("inCluster" in target) return "this pod's own cluster";
  return target.context === undefined ? `the current context of ${target.kubeconfig}` : `context ${target.context}`;
}
