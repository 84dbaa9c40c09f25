/** Who we are to NATS, and to which server we say it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { natsContext } from "./nats-context.ts";
import { NO_NATS_LOGIN, type NatsSources, resolveNats } from "./nats-settings.ts";

const NOTHING: NatsSources = { flags: {}, env: {}, stack: undefined };
const stack = { url: "nats://127.0.0.1:4222" };
const env = { NATS_URL: "nats://env:4222" };
const context = { url: "nats://context:4222", user: "of-context", password: "p", ca: "/ca" };
const user = { name: "me", password: "secret" };

const rows: readonly [what: string, given: Partial<NatsSources>, settings: ReturnType<typeof resolveNats>][] = [
  ["nobody says where", {}, undefined],
  ["the local stack", { stack }, { servers: [stack.url] }],
  [
    "a credentials file",
    { env: { ...env, NATS_CREDS: "/a.creds" } },
    { servers: [env.NATS_URL], credsFile: "/a.creds" },
  ],
  [
    "user and password",
    { env: { ...env, NATS_USER: "me", NATS_PASSWORD: "secret" } },
    { servers: [env.NATS_URL], user },
  ],
  ["a token", { env: { ...env, NATS_TOKEN: "t" } }, { servers: [env.NATS_URL], token: "t" }],
  [
    "TLS files",
    { env: { ...env, NATS_CA: "/ca", NATS_CERT: "/cert", NATS_KEY: "/key" } },
    { servers: [env.NATS_URL], tls: { caFile: "/ca", certFile: "/cert", keyFile: "/key" } },
  ],
  [
    "flags over the environment; a password comes from there",
    {
      flags: { natsUser: "me", natsCa: "/mine" },
      env: { ...env, NATS_TOKEN: "t", NATS_PASSWORD: "secret", NATS_CA: "/ca" },
    },
    { servers: [env.NATS_URL], user, tls: { caFile: "/mine" } },
  ],
  [
    "a context of the nats command",
    { context },
    { servers: [context.url], user: { name: "of-context", password: "p" }, tls: { caFile: "/ca" } },
  ],
  [
    "another address by flag: no login of elsewhere",
    { flags: { nats: "nats://other" }, env: { ...env, NATS_TOKEN: "t" }, context },
    { servers: ["nats://other"] },
  ],
  [
    "the same address by flag",
    { flags: { nats: env.NATS_URL }, env: { ...env, NATS_TOKEN: "t" } },
    { servers: [env.NATS_URL], token: "t" },
  ],
  [
    "a token of the environment, the address a flag",
    { flags: { nats: "nats://a" }, env: { NATS_TOKEN: "t" } },
    { servers: ["nats://a"], token: "t" },
  ],
  ["a token of the environment, the local stack", { env: { NATS_TOKEN: "t" }, stack }, { servers: [stack.url] }],
  [
    "a token of the environment, a server given to `up`",
    { env: { NATS_TOKEN: "t" }, stack: { ...stack, given: true } },
    { servers: [stack.url], token: "t" },
  ],
  ["an empty variable is none", { env: { ...env, NATS_TOKEN: "", NATS_CREDS: "" } }, { servers: [env.NATS_URL] }],
  [
    "the context's password is not another user's",
    { env: { NATS_USER: "of-context" }, context },
    { servers: [context.url], user: { name: "of-context", password: "p" }, tls: { caFile: "/ca" } },
  ],
];

test.each(rows)("NATS - %s", (_what, given, settings) => {
  expect(resolveNats({ ...NOTHING, ...given })).toEqual(settings);
});

test.each<[what: string, given: Partial<NatsSources>, says: string]>([
  ["a user without a password", { env: { ...env, NATS_USER: "me" } }, "the NATS user me has no password"],
  [
    "a user whose name has another's password",
    { env: { NATS_USER: "me" }, context },
    "the NATS user me has no password",
  ],
  [
    "a certificate without its key",
    { env: { ...env, NATS_CERT: "/c" } },
    "a certificate for NATS and its key go together",
  ],
  [
    "a secret that others can see",
    { flags: { nats: "nats://me:secret@host" } },
    "--nats takes an address without a user",
  ],
])("NATS - %s is refused, and no secret is in the error", (_what, given, says) => {
  const failed = (() => {
    try {
      return resolveNats({ ...NOTHING, ...given });
    } catch (error) {
      return String(error);
    }
  })();
  expect(failed).toContain(says);
  expect(failed).not.toContain("secret");
});

test("NATS - what speaks to the local stack takes no login of elsewhere, though its address is a flag", () => {
  const told = { NATS_CONTEXT: "prod", NATS_CREDS: "/c", NATS_USER: "me", NATS_PASSWORD: "secret", NATS_TOKEN: "t" };
  const env = { ...told, NATS_CA: "/ca", NATS_CERT: "/cert", NATS_KEY: "/key", ...NO_NATS_LOGIN };
  expect(natsContext(env)).toBeUndefined();
  expect(resolveNats({ ...NOTHING, env, flags: { nats: stack.url } })).toEqual({ servers: [stack.url] });
});

test("NATS - the context that is named is read, and no other; a broken one is told without what is in it", () => {
  const home = mkdtempSync(join(tmpdir(), "slipway-context-"));
  onTestFinished(() => rmSync(home, { recursive: true }));
  const folder = join(home, "nats", "context");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "prod.json"), JSON.stringify({ ...context, nkey: "", description: "ours" }));
  writeFileSync(join(folder, "broken.json"), '{"password": "secret"');
  const named = (name: string) => natsContext({ XDG_CONFIG_HOME: home, NATS_CONTEXT: name });
  expect(named("prod")).toMatchObject(context);
  expect(natsContext({ XDG_CONFIG_HOME: home })).toBeUndefined();
  for (const name of ["broken", "none", "../prod"]) expect(() => named(name)).toThrow(/context/);
  expect(() => named("broken")).not.toThrow(/secret/);
});
