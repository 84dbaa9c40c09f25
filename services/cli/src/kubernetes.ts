import { homedir } from "node:os";
import path from "node:path";
import { problem, SlipwayError } from "@slipway/dag";
import type { ClusterAddress } from "@slipway/pods";
import type { StackAddresses } from "./settings.ts";
import type { World } from "./world.ts";

/**
 * A kubeconfig's default context is never used unasked: either a context is named (in the file that is named, or where
 * kubectl looks), or a file is named, or it is the local stack's own. In a pod it is the pod's own service account.
 * @throws SlipwayError `no-address`
 */
export function resolveKubernetes(
  flags: { readonly kubeconfig?: string; readonly context?: string },
  env: World["env"],
  stack: StackAddresses | undefined,
): ClusterAddress {
  const kubeconfig = flags.kubeconfig ?? env["SLIPWAY_KUBECONFIG"];
  const context = flags.context ?? env["SLIPWAY_CONTEXT"];
  if (context !== undefined) return { kubeconfig: kubeconfig ?? kubectlFile(env), context };
  if (kubeconfig !== undefined) return { kubeconfig };
  if (stack?.kubernetes !== undefined) return stack.kubernetes;
  if (env["KUBERNETES_SERVICE_HOST"] !== undefined) return { inCluster: true };
  throw new SlipwayError([
    problem("no-address", "which Kubernetes cluster?", {
      fix: "name a context (--context NAME, SLIPWAY_CONTEXT), or start the local stack with `slipway up`",
    }),
  ]);
}

/** Where kubectl looks: one file, or several joined as in KUBECONFIG. */
function kubectlFile(env: World["env"]): string {
  return env["KUBECONFIG"] || path.join(homedir(), ".kube", "config");
}
