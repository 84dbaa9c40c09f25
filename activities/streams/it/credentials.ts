import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { nkeys } from "@nats-io/nats-core";

const run = promisify(execFile);

/** An operator, its account and a user of it, as nsc would make them: the server's configuration, and the user's file. */
export function jwtServer(folder: string): { readonly config: string; readonly credsFile: string } {
  const [operator, account, user] = [nkeys.createOperator(), nkeys.createAccount(), nkeys.createUser()];
  const jwt = (by: nkeys.KeyPair, sub: nkeys.KeyPair, type: string, claims: object): string =>
    signed(by, { sub: sub.getPublicKey(), name: type, nats: { ...claims, type, version: 2 } });
  const none = { subs: -1, data: -1, payload: -1 };
  const limits = { ...none, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 };
  const credsFile = join(folder, "user.creds");
  const seed = new TextDecoder().decode(user.getSeed());
  writeFileSync(
    credsFile,
    `-----BEGIN NATS USER JWT-----\n${jwt(account, user, "user", none)}\n------END NATS USER JWT------\n` +
      `-----BEGIN USER NKEY SEED-----\n${seed}\n------END USER NKEY SEED------\n`,
  );
  const config = [
    `operator: ${jwt(operator, operator, "operator", {})}`,
    "resolver: MEMORY",
    `resolver_preload: { ${account.getPublicKey()}: ${jwt(operator, account, "account", { limits })} }`,
  ].join("\n");
  return { config, credsFile };
}

function signed(by: nkeys.KeyPair, claims: object): string {
  const text = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const issued = { jti: randomBytes(16).toString("hex"), iat: Math.floor(Date.now() / 1000), iss: by.getPublicKey() };
  const body = `${text({ typ: "JWT", alg: "ed25519-nkey" })}.${text({ ...issued, ...claims })}`;
  return `${body}.${Buffer.from(by.sign(Buffer.from(body))).toString("base64url")}`;
}

/** A server that shows a certificate and wants one, both of one authority of its own. */
export async function tlsServer(
  folder: string,
): Promise<{ readonly config: string; readonly tls: { caFile: string; certFile: string; keyFile: string } }> {
  const openssl = (...args: readonly string[]) => run("openssl", args, { cwd: folder, timeout: 30_000 });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  await openssl("req", "-x509", ...key, "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=test", "-days", "2");
  writeFileSync(join(folder, "names"), "subjectAltName=DNS:localhost\nextendedKeyUsage=clientAuth,serverAuth\n");
  await openssl("req", ...key, "-keyout", "us.key", "-out", "us.csr", "-subj", "/CN=us");
  const by = ["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "names"];
  await openssl("x509", "-req", "-in", "us.csr", "-out", "us.crt", ...by);
  const tls = { caFile: join(folder, "ca.crt"), certFile: join(folder, "us.crt"), keyFile: join(folder, "us.key") };
  const files = `cert_file: "${tls.certFile}", key_file: "${tls.keyFile}", ca_file: "${tls.caFile}"`;
  return { config: `tls { ${files}, verify: true }`, tls };
}
