import { readFileSync } from "node:fs";
import { delimiter, dirname, resolve } from "node:path";
import { KubeConfig, loadYaml, type User } from "@kubernetes/client-node";
import { problem, SlipwayError } from "@slipway/dag";
import { z } from "zod";

/**
 * Where a cluster's address and credentials come from. Nothing is guessed and no environment is read.
 * `kubeconfig`: one file, or several joined as in KUBECONFIG, and then the first that has the context counts.
 * `context` absent means the current one of exactly this file. `inCluster`: the pod's own service account.
 */
export type ClusterAddress = { readonly kubeconfig: string; readonly context?: string } | { readonly inCluster: true };

/**
 * Reads the kubeconfig; no network.
 * @throws SlipwayError `kubeconfig`: a file is not there or not readable, or none has such a context, or the context no cluster.
 */
export function loadKubeconfig(address: ClusterAddress): KubeConfig {
  if ("inCluster" in address) {
    const config = new KubeConfig();
    config.loadFromCluster();
    return config;
  }
  const { kubeconfig, context } = address;
  const configs = kubeconfig.split(delimiter).filter(Boolean).map(load);
  for (const config of configs) {
    if (context !== undefined) config.setCurrentContext(context);
    if (config.getCurrentCluster() !== null) return config;
  }
  const known = configs.flatMap((config) => config.getContexts().map(({ name }) => name));
  const named = context ?? configs[0]?.getCurrentContext();
  throw unusable(
    named ? `${kubeconfig} has no usable context ${JSON.stringify(named)}` : `${kubeconfig} names no current context`,
    undefined,
    known.length === 0 ? undefined : `use one of its contexts: ${known.join(", ")}`,
  );
}

function load(file: string): KubeConfig {
  const config = new KubeConfig();
  try {
    config.loadFromFile(file);
    const files = tokenFiles(file);
    config.users = config.users.map((user) => withTokenFile(user, files.get(user.name)));
    return config;
  } catch (cause) {
    throw unusable(`${file}: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
}

const Users = z.object({
  users: z.array(z.object({ name: z.string(), user: z.object({ tokenFile: z.string().nullish() }).nullish() })),
});

/** User → file, as kubectl reads them: client-node knows no `tokenFile` of a kubeconfig. */
function tokenFiles(kubeconfig: string): Map<string, string> {
  const parsed = Users.safeParse(loadYaml(readFileSync(kubeconfig, "utf8")));
  const users = parsed.success ? parsed.data.users : [];
  return new Map(
    users.flatMap(({ name, user }) => (user?.tokenFile ? [[name, resolve(dirname(kubeconfig), user.tokenFile)]] : [])),
  );
}

/** In the form in which client-node keeps that of a service account. */
function withTokenFile(user: User, tokenFile: string | undefined): User {
  return tokenFile === undefined ? user : { ...user, authProvider: { name: "tokenFile", config: { tokenFile } } };
}

const TokenFile = z.object({ config: z.object({ tokenFile: z.string() }) });

/** The file that holds the token of the context's user, where it stands in one. */
export function tokenFileOf(config: KubeConfig): string | undefined {
  const provider = TokenFile.safeParse(config.getCurrentUser()?.authProvider);
  return provider.success ? provider.data.config.tokenFile : undefined;
}

function unusable(what: string, cause?: unknown, fix?: string): SlipwayError {
  return new SlipwayError([problem("kubeconfig", what, fix === undefined ? {} : { fix })], { cause });
}
