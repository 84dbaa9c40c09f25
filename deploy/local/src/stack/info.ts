import { join } from "node:path";
import { z } from "zod";
import { readJson } from "../core/json-file.ts";

const stackInfo = z.object({
  temporal: z.object({ address: z.string(), uiUrl: z.string().optional(), origin: z.enum(["given", "path", "built"]) }),
  nats: z.object({ url: z.string(), origin: z.enum(["given", "path", "built"]) }),
  kubernetes: z.object({ kubeconfig: z.string(), context: z.string(), origin: z.enum(["given", "local"]) }),
  /** Folders with `nats` and `kubectl`, for PATH; empty when the user brings everything. */
  binPath: z.array(z.string()),
  /** The loopback registry, when the node is ours: "127.0.0.1:5000". */
  registry: z.string().optional(),
  startedAt: z.string(),
});

/** Where the servers of one checkout are. */
export type StackInfo = z.infer<typeof stackInfo>;

/** Where one checkout keeps its servers' state; gitignored, survives `down`. */
export function stackPaths(root: string) {
  const at = (...parts: string[]): string => join(root, ".slipway", ...parts);
  return {
    root: at(),
    info: at("stack.json"),
    lock: at("lock"),
    temporal: at("temporal"),
    temporalUi: at("temporal-ui"),
    nats: at("nats"),
    /** The process that holds the node for this checkout. */
    holder: at("node"),
    /** Records and logs of what `startDaemon` started. */
    daemons: at("run"),
    logs: at("logs"),
  };
}

export type StackPaths = ReturnType<typeof stackPaths>;

/** The stack that `up` left running for this checkout, or undefined. It may have died since. */
export function readStack(root: string): StackInfo | undefined {
  return readJson(stackPaths(root).info, stackInfo);
}
