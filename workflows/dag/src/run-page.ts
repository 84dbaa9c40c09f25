/** The page of one workflow in Temporal's Web UI, whose base URL is `ui`. */
export function runPage(
  ui: string,
  run: { readonly namespace: string; readonly workflowId: string; readonly temporalRunId: string },
): string {
  const [namespace, workflow] = [run.namespace, run.workflowId].map(encodeURIComponent);
  return `${ui.replace(/\/+$/, "")}/namespaces/${namespace}/workflows/${workflow}/${run.temporalRunId}/history`;
}
