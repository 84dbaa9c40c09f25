import type { RunningStack } from "./bring-up.ts";
import type { Style } from "./style.ts";

/** What runs where, and what to do next. */
export function renderStack(style: Style, { info, worker }: RunningStack, command = "slipway"): string {
  const { temporal, nats, kubernetes, registry } = info;
  const rows: readonly (readonly [string, string | undefined])[] = [
    ["Temporal", temporal.address],
    ["Temporal Web UI", temporal.uiUrl],
    ["NATS", nats.url],
    ["Kubernetes", `context ${kubernetes.context} in ${kubernetes.kubeconfig}`],
    ["registry", registry],
    ["worker", `pid ${worker.pid}, log ${worker.logFile}`],
  ];
  const lines = rows.flatMap(([name, value]) => (value === undefined ? [] : [`  ${name.padEnd(16)} ${value}\n`]));
  return `${style.bold("Slipway is up")}\n${lines.join("")}  next             ${command} run examples/kubernetes_sample --wait\n  stop             ${command} down\n`;
}
