import { eventually, LONG } from "@slipway/testbed";
import type { WorkflowHandle } from "@temporalio/client";
import type { ApiProxy, Ask } from "./api-proxy.ts";
import type { GrpcProxy } from "./grpc-proxy.ts";
import type { Work } from "./work.ts";

/** A run of one task, named like its point, whose worker is about to stand there. */
export interface Site {
  /** The run's id and its task's name. */
  readonly name: string;
  readonly namespace: string;
  readonly api: ApiProxy;
  readonly temporal: GrpcProxy;
  readonly handle: WorkflowHandle;
}

/** A moment in an attempt's life. */
export interface Point {
  readonly work: Work;
  readonly gated?: true;
  /** Cancelled while no worker is there. */
  readonly cancelledAfter?: true;
  /** The task hands on the last line of its log, as `last`. */
  readonly handsOn?: true;
  /** A namespace of its own: its watch is held, and a worker has one for each namespace. */
  readonly alone?: true;
  /** Called before the run starts: resolves while a worker stands exactly there. */
  readonly reached: (site: Site) => Promise<unknown>;
}

const SHORT = { work: { kind: "counts", lines: 60, every: 0.02 } } as const;

const ONCE = {
  "before-create": { ...SHORT, reached: ({ api, name }) => api.hold({ matches: isCreate(name), at: "request" }).held },
  "after-create": { ...SHORT, reached: ({ api, name }) => api.hold({ matches: isCreate(name), at: "answer" }).held },
  "before-heartbeat": {
    ...SHORT,
    reached: ({ temporal, handle }) => temporal.hold({ matches: isCall("RecordActivityTaskHeartbeat", handle) }).held,
  },
  pending: {
    ...SHORT,
    gated: true,
    reached: (site) => eventually("Temporal knows of the pending pod", async () => (await known(site)) === "Pending"),
  },
  running: {
    work: { kind: "until told" },
    reached: (site) => eventually("Temporal knows of the running pod", async () => (await known(site)) === "Running"),
  },
  "after-exit": {
    work: { kind: "counts", lines: 60, every: 0.1 },
    alone: true,
    reached: ({ api, namespace }) =>
      api.hold({
        matches: ({ path }) => path.includes(`/namespaces/${namespace}/pods?`),
        at: (listOrEvent) => listOrEvent.includes('"exitCode":7'),
      }).held,
  },
  "reading-output": {
    ...SHORT,
    handsOn: true,
    reached: ({ api, name }) =>
      api.hold({ matches: ({ path }) => isLog(name, path) && path.includes("tailLines="), at: "request" }).held,
  },
  "before-verdict": {
    ...SHORT,
    reached: ({ temporal, handle }) => temporal.hold({ matches: isCall(COMPLETED, handle, "runPod") }).held,
  },
  draining: {
    ...SHORT,
    reached: async ({ api, temporal, name, handle }) => {
      const [watcher, release] = [cutAt(20, "watching"), cutAt(40, "released")];
      api.hold(watcher);
      await api.hold(release).held;
      function cutAt(line: number, when: "watching" | "released") {
        const matches = ({ path }: Ask) => isLog(name, path) && judged(temporal, handle) === (when === "released");
        return { matches, at: (text: string) => text.trimEnd().endsWith(` line ${line}`) };
      }
    },
  },
  "before-release": {
    ...SHORT,
    reached: ({ api, temporal, name, handle }) =>
      api.hold({
        matches: ({ method, path }) => method === "GET" && isPod(name, path) && judged(temporal, handle),
        at: "request",
      }).held,
  },
  "in-release": { ...SHORT, reached: ({ api, name }) => api.hold({ matches: isDelete(name), at: "request" }).held },
  "after-delete": { ...SHORT, reached: ({ api, name }) => api.hold({ matches: isDelete(name), at: "answer" }).held },
  "after-release": {
    ...SHORT,
    reached: ({ temporal, handle }) => temporal.hold({ matches: isCall(COMPLETED, handle, "releasePods") }).held,
  },
  "before-cancel": {
    work: { kind: "until ended", lines: 10 },
    cancelledAfter: true,
    reached: (site) => eventually("Temporal knows of the running pod", async () => (await known(site)) === "Running"),
  },
  "after-cancel": {
    work: { kind: "until ended", lines: 10 },
    reached: async (site) => {
      const { held } = site.api.hold({ matches: isDelete(site.name), at: "request" });
      await eventually("the pod runs", async () => (await known(site)) === "Running");
      await site.handle.cancel();
      await held;
    },
  },
} as const satisfies Readonly<Record<string, Point>>;

/** In the long form three runs stand at each point, but where one of them holds up all that its namespace says. */
const PREFIXES = LONG ? ["", "second-", "third-"] : [""];

export const POINTS: Readonly<Record<string, Point>> = Object.fromEntries(
  PREFIXES.flatMap((prefix) =>
    Object.entries<Point>(ONCE)
      .filter(([, { alone }]) => prefix === "" || alone !== true)
      .map(([name, point]) => [`${prefix}${name}`, point]),
  ),
);

const COMPLETED = "RespondActivityTaskCompleted";

function isPod(name: string, path: string): boolean {
  return new RegExp(`/pods/${name}-1-[0-9a-f]{16}$`).test(path);
}

function isLog(name: string, path: string): boolean {
  return path.includes(`/pods/${name}-1-`) && path.includes("/log?");
}

function isCreate(name: string) {
  return ({ method, body }: Ask): boolean => method === "POST" && body.includes(`"name":"${name}-1-`);
}

function isDelete(name: string) {
  return ({ method, path }: Ask): boolean => method === "DELETE" && isPod(name, path);
}

/** Whose call it is stands in its task token: the workflow's id and the activity's type. */
function isCall(method: string, { workflowId }: Site["handle"], activity = "") {
  return (call: { readonly method: string; readonly message: string }): boolean =>
    call.method === method && call.message.includes(workflowId) && call.message.includes(activity);
}

/** Whether Temporal has taken the attempt's outcome. */
function judged(temporal: GrpcProxy, handle: Site["handle"]): boolean {
  return temporal.answered.some(isCall(COMPLETED, handle, "runPod"));
}

/** The pod's phase in the newest heartbeat that Temporal has. */
async function known({ handle }: Site): Promise<string | undefined> {
  const { raw } = await handle.describe();
  const details = raw.pendingActivities?.find(({ activityType }) => activityType?.name === "runPod")?.heartbeatDetails;
  const data = details?.payloads?.[0]?.data;

  return data == null ? undefined : /"phase":"(\w+)"/.exec(Buffer.from(data).toString())?.[1];
}
