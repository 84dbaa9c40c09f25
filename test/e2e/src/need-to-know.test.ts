/**
 * A worker under the Role of docs/reference/permissions.md, and nothing more: it launches pods that use secrets in every
 * way, and cannot read one itself.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CoreV1Api, KubeConfig, KubernetesObjectApi } from "@kubernetes/client-node";
import { sharedFleet } from "@slipway/testbed";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { parseAllDocuments } from "yaml";

const stack = inject("slipway");
const ACCOUNT = "slipway-worker";
const VALUE = "s3cr3t-value-of-the-warehouse";
const folder = mkdtempSync(join(tmpdir(), "slipway-role-"));
const kubeconfig = join(folder, "kubeconfig");
const fleet = sharedFleet({
  worker: false,
  env: { SLIPWAY_KUBECONFIG: kubeconfig, SLIPWAY_CONTEXT: "loaded-context" },
});
let worker: KubeConfig;

beforeAll(async () => {
  const admin = new KubeConfig();
  admin.loadFromFile(stack.kubeconfig);
  admin.setCurrentContext(stack.context);
  const { namespace } = fleet;
  await fleet.pods.createNamespacedServiceAccount({ namespace, body: { metadata: { name: ACCOUNT } } });
  await createAll(admin, roleOfTheDocs(namespace));
  await fleet.pods.createNamespacedSecret({
    namespace,
    body: { metadata: { name: "warehouse" }, stringData: { PASSWORD: VALUE } },
  });
  worker = await asWorker(admin, namespace);
  writeFileSync(kubeconfig, worker.exportConfig(), { mode: 0o600 });
  await fleet.startWorker();
});
afterAll(async () => {
  await fleet?.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Manifest {
  metadata: { name: string; namespace: string };
  subjects?: { namespace: string }[];
}

/** The Role and RoleBinding as the page prints them, in this test's namespace. */
function roleOfTheDocs(namespace: string): Manifest[] {
  const page = readFileSync("docs/reference/permissions.md", "utf8");
  const [, yaml = ""] = /^```yaml\n(apiVersion: rbac[\s\S]*?)^```/m.exec(page) ?? [];
  return parseAllDocuments(yaml).map((document) => {
    const object: Manifest = document.toJS();
    return {
      ...object,
      metadata: { ...object.metadata, namespace },
      ...(object.subjects && { subjects: object.subjects.map((subject) => ({ ...subject, namespace })) }),
    };
  });
}

async function createAll(admin: KubeConfig, objects: readonly Manifest[]): Promise<void> {
  expect(objects.length).toBe(2);
  const api = KubernetesObjectApi.makeApiClient(admin);
  for (const object of objects) await api.create(object);
}

async function asWorker(admin: KubeConfig, namespace: string): Promise<KubeConfig> {
  const body = { spec: { audiences: [], expirationSeconds: 3600 } };
  const issued = await fleet.pods.createNamespacedServiceAccountToken({ name: ACCOUNT, namespace, body });
  const cluster = admin.getCurrentCluster();
  if (cluster === null) throw new Error("the stack's kubeconfig names a cluster");
  const config = new KubeConfig();
  config.loadFromClusterAndUser(cluster, { name: ACCOUNT, token: issued.status?.token ?? "" });
  return config;
}

test("need to know - pods use a secret as a variable, whole and mounted; the worker that launches them cannot read it", async () => {
  const script = `
    test "$KEY" = "$PASSWORD" && test "$PASSWORD" = "$(cat /secret/PASSWORD)" || exit 9
    echo "a secret of \${#PASSWORD} characters"`;
  const dag = {
    dag: "need_to_know",
    tasks: {
      uses: {
        image: "slipway.local/busybox:1",
        command: ["sh", "-c", script],
        env: { KEY: { secretKeyRef: { name: "warehouse", key: "PASSWORD" } } },
        envFrom: [{ secretRef: { name: "warehouse" } }],
        volumeMounts: [{ name: "secret", mountPath: "/secret", readOnly: true }],
        pod: { volumes: [{ name: "secret", secret: { secretName: "warehouse" } }] },
      },
    },
  };
  const id = "dag/need_to_know/1";
  const handle = await fleet.temporal.workflow.start("runDag", {
    taskQueue: fleet.installation,
    workflowId: id,
    args: [{ dag }],
  });
  expect(await handle.result()).toMatchObject({ state: "succeeded" });
  expect((await fleet.run("logs", "need_to_know/1", "uses")).stdout).toBe(`a secret of ${VALUE.length} characters\n`);

  const asked = worker.makeApiClient(CoreV1Api).readNamespacedSecret({ name: "warehouse", namespace: fleet.namespace });
  await expect(asked).rejects.toMatchObject({ code: 403 });
  const { events } = await handle.fetchHistory();
  const told = [JSON.stringify(events), (await fleet.run("events", id, "-o", "json")).stdout];
  for (const text of told) {
    expect(text).not.toContain(VALUE);
    expect(text).not.toContain(Buffer.from(VALUE).toString("base64"));
  }
}, 120_000);

test("need to know - doctor finds that the Role of the docs is enough", async () => {
  const { code, stdout, stderr } = await fleet.run("doctor", "--namespace", fleet.namespace);
  expect({ code, stdout, stderr }).toMatchObject({ code: 0 });
});
