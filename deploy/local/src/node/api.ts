import { readFileSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";
import { z } from "zod";
import type { NodePaths } from "./paths.ts";

export interface ApiAnswer {
  readonly status: number;
  readonly body: string;
}

/** One call of the node's API server as its admin. Undefined when there was no answer within 5 s. */
export async function callApi(
  paths: NodePaths,
  port: number,
  method: "GET" | "POST" | "DELETE",
  path: string,
  body?: unknown,
): Promise<ApiAnswer | undefined> {
  const file = (name: string): Buffer => readFileSync(join(paths.pki, name));
  return await new Promise((resolve) => {
    const call = request(
      {
        host: "127.0.0.1",
        port,
        method,
        path,
        ca: file("ca.crt"),
        cert: file("admin.crt"),
        key: file("admin.key"),
        agent: false,
        timeout: 5000,
        headers: { "content-type": "application/json" },
      },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => {
          text += chunk;
        });
        response.on("end", () => resolve({ status: response.statusCode ?? 0, body: text }));
        response.on("error", () => resolve(undefined));
      },
    );
    call.on("timeout", () => call.destroy());
    call.on("error", () => resolve(undefined));
    call.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

const nodeObject = z.object({
  spec: z.object({ taints: z.array(z.object({ key: z.string() })).optional() }),
  status: z.object({
    conditions: z
      .array(z.object({ type: z.string(), status: z.string(), lastHeartbeatTime: z.string().nullish() }))
      .optional(),
  }),
});

/**
 * Whether a Node object says Ready, on a heartbeat after `since` (an older one is of the kubelet before), and no
 * node.kubernetes.io taint keeps pods away.
 */
export function isNodeReady(node: unknown, since: Date): boolean {
  const parsed = nodeObject.safeParse(node);
  if (!parsed.success) return false;
  const ready = parsed.data.status.conditions?.find((condition) => condition.type === "Ready");
  if (ready?.status !== "True" || ready.lastHeartbeatTime == null) return false;
  const tainted = parsed.data.spec.taints?.some((taint) => taint.key.startsWith("node.kubernetes.io/")) ?? false;
  return !tainted && Date.parse(ready.lastHeartbeatTime) >= Math.floor(since.getTime() / 1000) * 1000;
}
