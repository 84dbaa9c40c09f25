import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { reasonOf, StackError } from "../core/error.ts";
import { requireReachable } from "./reach.ts";

const kubeconfig = z.object({
  contexts: z.array(z.object({ name: z.string(), context: z.object({ cluster: z.string() }) })).nullish(),
  clusters: z
    .array(
      z.object({ name: z.string(), cluster: z.object({ server: z.string(), "proxy-url": z.string().optional() }) }),
    )
    .nullish(),
});

export interface GivenCluster {
  /** As KUBECONFIG: one path, or several joined as PATH is. */
  readonly kubeconfig: string;
  readonly context: string;
}

/** The user's own cluster: `context` must be in `file`, else in KUBECONFIG, else in ~/.kube/config, and answer. */
export async function givenCluster(context: string, file: string | undefined): Promise<GivenCluster> {
  const list = file ?? (process.env["KUBECONFIG"] || join(homedir(), ".kube", "config"));
  const files = list.split(delimiter).filter((path) => path !== "" && existsSync(path));
  const read = files.map((path) => parseFile(path));
  const contexts = read.flatMap((config) => config.contexts ?? []);
  const found = contexts.find((entry) => entry.name === context);
  if (found === undefined) {
    const names = contexts.map((entry) => entry.name).join(", ");
    throw new StackError("StackUnreachable", {
      what: `there is no Kubernetes context ${context}`,
      why: files.length === 0 ? `no kubeconfig at ${list}` : `${list} has: ${names === "" ? "none" : names}`,
      fix: "give --context one of those names, and --kubeconfig FILE if it is in another file",
    });
  }
  const cluster = read
    .flatMap((config) => config.clusters ?? [])
    .find((entry) => entry.name === found.context.cluster)?.cluster;
  if (cluster !== undefined && cluster["proxy-url"] === undefined) {
    await requireReachable(
      `the cluster of context ${context}`,
      cluster.server,
      80,
      "start the cluster, or give another --context",
    );
  }
  return { kubeconfig: list, context };
}

function parseFile(path: string): z.infer<typeof kubeconfig> {
  try {
    return kubeconfig.parse(parse(readFileSync(path, "utf8"), { maxAliasCount: 10 }) ?? {});
  } catch (error) {
    const why = reasonOf(error).split("\n")[0] ?? "";
    throw new StackError("StackUnreachable", {
      what: `${path} is not a kubeconfig`,
      why,
      fix: "mend the file, or give --kubeconfig FILE",
    });
  }
}
