import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runTool } from "../core/tool.ts";
import type { NodePaths } from "./paths.ts";

/** Who has a certificate: file name → subject. All are signed by the node's own authority and good for ten years. */
const subjects: ReadonlyMap<string, string> = new Map([
  ["apiserver", "/CN=kube-apiserver"],
  ["apiserver-kubelet", "/O=system:masters/CN=apiserver-kubelet"],
  ["etcd", "/CN=etcd"],
  ["admin", "/O=system:masters/CN=slipway-admin"],
  ["controllers", "/CN=system:kube-controller-manager"],
  ["scheduler", "/CN=system:kube-scheduler"],
  ["kubelet", "/O=system:nodes/CN=system:node:localhost"],
]);

const days = "3650";
const extensions = [
  "subjectAltName=IP:127.0.0.1,IP:10.96.0.1,DNS:localhost,DNS:kubernetes.default.svc",
  "extendedKeyUsage=clientAuth,serverAuth",
  "keyUsage=digitalSignature",
  "",
].join("\n");

/** Makes the node's keys and certificates once; a later call finds them. */
export async function ensurePki(paths: NodePaths): Promise<void> {
  if (existsSync(paths.pki)) return;
  const folder = `${paths.pki}.new`;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const openssl = async (...args: string[]): Promise<string> =>
    await runTool("openssl", args, { timeoutMs: 30_000, cwd: folder });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  await openssl(
    "req",
    "-x509",
    ...key,
    "-keyout",
    "ca.key",
    "-out",
    "ca.crt",
    "-subj",
    "/CN=slipway-local",
    "-days",
    days,
  );
  await openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", "sa.key");
  await openssl("pkey", "-in", "sa.key", "-pubout", "-out", "sa.pub");
  writeFileSync(join(folder, "extensions"), extensions);
  for (const [name, subject] of subjects) {
    await openssl("req", ...key, "-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", subject);
    const signing = ["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", days, "-extfile", "extensions"];
    await openssl("x509", "-req", "-in", `${name}.csr`, "-out", `${name}.crt`, ...signing);
  }
  renameSync(folder, paths.pki);
}

/** A kubeconfig that needs no other file. */
export function renderKubeconfig(paths: NodePaths, user: string, apiPort: number): string {
  const embedded = (file: string): string => readFileSync(join(paths.pki, file)).toString("base64");
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      {
        name: "slipway-local",
        cluster: { server: `https://127.0.0.1:${apiPort}`, "certificate-authority-data": embedded("ca.crt") },
      },
    ],
    users: [
      {
        name: `slipway-${user}`,
        user: { "client-certificate-data": embedded(`${user}.crt`), "client-key-data": embedded(`${user}.key`) },
      },
    ],
    contexts: [{ name: "slipway-local", context: { cluster: "slipway-local", user: `slipway-${user}` } }],
    "current-context": "slipway-local",
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}
