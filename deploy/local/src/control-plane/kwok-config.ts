/** On a pod: how long it runs (`2s`; for ever without it), and its containers' exit code (default 0). */
export const RUNS_ANNOTATION = "kwok.test/runs";
export const EXIT_CODE_ANNOTATION = "kwok.test/exit-code";

const runsFor = `.metadata.annotations["${RUNS_ANNOTATION}"]`;
const alive = { key: ".metadata.deletionTimestamp", operator: "DoesNotExist" };
const deleted = { key: ".metadata.deletionTimestamp", operator: "Exists" };
const phase = (operator: "In" | "NotIn", name: string) => ({ key: ".status.phase", operator, values: [name] });

/** A pod's status with each container in the same state; both texts are templates. */
function status(name: string, state: string): { readonly statusTemplate: string } {
  const statusTemplate = `
{{ $now := Now }}
{{ $start := or .status.startTime $now }}
{{ $code := or (index (or .metadata.annotations dict) "${EXIT_CODE_ANNOTATION}") "0" }}
phase: ${name}
startTime: {{ $start | Quote }}
containerStatuses:
{{ range .spec.containers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  containerID: {{ printf "kwok://%s" .name | Quote }}
  ready: false
  restartCount: 0
  state: ${state}
{{ end }}
`;
  return { statusTemplate };
}

const running = `{running: {startedAt: {{ $now | Quote }}}}`;
const terminated = (code: string, reason: string): string =>
  `{terminated: {exitCode: ${code}, reason: ${reason}, startedAt: {{ $start | Quote }}, finishedAt: {{ $now | Quote }}}}`;

function stage(kind: "Node" | "Pod", name: string, matchExpressions: readonly object[], then: object): object {
  const spec = { resourceRef: { apiGroup: "v1", kind }, selector: { matchExpressions }, ...then };
  return { apiVersion: "kwok.x-k8s.io/v1alpha1", kind: "Stage", metadata: { name }, spec };
}

/**
 * What kwok needs to play the kubelet: pods start at once, end as their annotations say, and when they are deleted are
 * stopped (143) and then removed. Each container's log is `logFile`, in the form of the container runtime.
 */
export function renderKwokConfig(logFile: string): string {
  const ended = `{{ if eq $code "0" }}Succeeded{{ else }}Failed{{ end }}`;
  const delay = { durationMilliseconds: 0, durationFrom: { expressionFrom: runsFor } };
  const documents = [
    // kwok asks for a stage of each kind that it manages; its nodes come complete.
    stage("Node", "node", [phase("NotIn", "Running")], { next: { statusTemplate: "phase: Running\n" } }),
    stage("Pod", "start", [alive, phase("In", "Pending")], { next: status("Running", running) }),
    stage("Pod", "end", [alive, phase("In", "Running"), { key: runsFor, operator: "Exists" }], {
      delay,
      next: status(ended, terminated("{{ $code }}", "Completed")),
    }),
    stage("Pod", "stop", [deleted, phase("In", "Running")], { next: status("Failed", terminated("143", "Error")) }),
    stage("Pod", "remove", [deleted, phase("NotIn", "Running")], { next: { delete: true } }),
    {
      apiVersion: "kwok.x-k8s.io/v1alpha1",
      kind: "ClusterLogs",
      metadata: { name: "logs" },
      spec: { logs: [{ logsFile: logFile }] },
    },
  ];
  return documents.map((document) => JSON.stringify(document, undefined, 1)).join("\n---\n");
}
