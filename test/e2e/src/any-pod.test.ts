/** A task is a Container and `pod:` a PodSpec: whatever Kubernetes can run, a task can be. */
import { sharedFleet } from "@slipway/testbed";
import { expect, test } from "vitest";

const fleet = sharedFleet();

const image = "slipway.local/busybox:1";
const sh = (script: string) => ({ image, command: ["sh", "-c", script] });
const shared = [{ name: "shared", mountPath: "/shared" }];

test("any pod - init, native sidecar, a second container, volumes, account, affinity, security: the task's end is the pod's", async () => {
  const { namespace, installation } = fleet;
  await fleet.pods.createNamespacedServiceAccount({ namespace, body: { metadata: { name: "runner" } } });
  await fleet.pods.createNamespacedConfigMap({
    namespace,
    body: { metadata: { name: "settings" }, data: { "app.conf": "level = 3" } },
  });
  const forever = "while true; do sleep 0.1; done";
  const dag = {
    dag: "any_pod",
    defaults: { namespace, pod: { volumes: [{ name: "shared", emptyDir: {} }] } },
    tasks: {
      work: {
        ...sh(
          'cat /shared/said /etc/app/app.conf; echo; id -u; ls /var/run/secrets/kubernetes.io/serviceaccount | grep -c token; echo "$NODE" | grep -c .',
        ),
        volumeMounts: [...shared, { name: "conf", mountPath: "/etc/app" }],
        env: [{ name: "NODE", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } }],
        securityContext: { runAsUser: 1234, readOnlyRootFilesystem: true },
        pod: {
          serviceAccountName: "runner",
          automountServiceAccountToken: true,
          imagePullSecrets: [{ name: "registry-login" }],
          initContainers: [
            { name: "proxy", restartPolicy: "Always", ...sh(`echo proxy up; ${forever}`) },
            { name: "fetch", ...sh("echo fetched > /shared/said; echo fetching"), volumeMounts: shared },
          ],
          containers: [{ name: "metrics", ...sh(`echo metrics up; ${forever}`) }],
          volumes: [{ name: "conf", configMap: { name: "settings" } }],
          tolerations: [{ key: "gpu", operator: "Exists" }],
          affinity: {
            nodeAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: {
                nodeSelectorTerms: [{ matchExpressions: [{ key: "kubernetes.io/hostname", operator: "Exists" }] }],
              },
            },
          },
          terminationGracePeriodSeconds: 1,
        },
      },
    },
  };
  const start = { taskQueue: installation, workflowId: "dag/any_pod/1", args: [{ dag }] };
  expect(await fleet.temporal.workflow.execute("runDag", start)).toMatchObject({ state: "succeeded" });
  const log = async (...container: string[]) => (await fleet.run("logs", "any_pod/1", "work", ...container)).stdout;
  expect(await log("-c", "main")).toBe("fetched\nlevel = 3\n1234\n1\n1\n");
  expect(await log("-c", "fetch")).toBe("fetching\n");
  expect(await log("-c", "proxy")).toBe("proxy up\n");
  expect(await log("-c", "metrics")).toBe("metrics up\n");
}, 120_000);
