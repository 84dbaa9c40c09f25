import { KubeConfig } from "@kubernetes/client-node";
import { problem, SlipwayError } from "@slipway/dag";

/**
 * Where a cluster's address and credentials come from. Nothing is guessed and no environment is read:
 * `context` absent means the current one of exactly this file. `inCluster`: the pod's own service account.
 */
export type ClusterAddress = { readonly kubeconfig: string; readonly context?: string } | { readonly inCluster: true };

/**
 * Reads the kubeconfig; no network.
 * @throws SlipwayError `kubeconfig`: the file is not there or not readable, or has no such context, or the context no cluster.
 */
export function loadKubeconfig(address: ClusterAddress): KubeConfig {
  const config = new KubeConfig();
  if ("inCluster" in address) {
    config.loadFromCluster();
    return config;
  }
  const { kubeconfig, context } = address;
  try {
    config.loadFromFile(kubeconfig);
  } catch (cause) {
    throw unusable(`${kubeconfig}: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
  if (context !== undefined) config.setCurrentContext(context);
  if (config.getCurrentCluster() !== null) return config;
  const known = config.getContexts().map(({ name }) => name);
  const named = config.getCurrentContext();
  throw unusable(
    named ? `${kubeconfig} has no usable context ${JSON.stringify(named)}` : `${kubeconfig} names no current context`,
    undefined,
    known.length === 0 ? undefined : `use one of its contexts: ${known.join(", ")}`,
  );
}

function unusable(what: string, cause?: unknown, fix?: string): SlipwayError {
  return new SlipwayError([problem("kubeconfig", what, fix === undefined ? {} : { fix })], { cause });
}
