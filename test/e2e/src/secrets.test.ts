/** What must not leave: env values of a pod in anything of ours, and what the worker is told to take out of logs and messages. */
import { type Command, eventually, sharedFleet, slipway, start } from "@slipway/testbed";
import { beforeAll, expect, inject, test } from "vitest";

const stack = inject("slipway");
/** Values that stand in a Secret, in the DAG itself, and in what the container makes of them. */
const SECRET = "hunter4711";
const PLAIN = "plain-0815";
const fleet = sharedFleet({
  worker: false,
  env: { SLIPWAY_REDACT: "password=\\S+\ntoken [0-9]{4}", SLIPWAY_LOG_LEVEL: "debug" },
});
let worker: Command;

beforeAll(async () => {
  worker = await fleet.startWorker();
  await fleet.pods.createNamespacedSecret({
    namespace: fleet.namespace,
    body: { metadata: { name: "login" }, stringData: { value: SECRET } },
  });
});

const env = { LOGIN: { secretKeyRef: { name: "login", key: "value" } }, PLAIN };
const tasks = {
  speaks: {
    image: "slipway.local/busybox:1",
    command: [
      "sh",
      "-c",
      'echo "before password=$LOGIN after"; echo token 12$((30+4)); echo "last password=$LOGIN"; exit 3',
    ],
    env,
  },
  refused: { image: "slipway.local/busybox:1", env, pod: { priorityClassName: "nobody-has-this" } },
  unknown: { image: "slipway.local/nope:1", imagePullPolicy: "Never", env },
  hands: {
    image: "slipway.local/busybox:1",
    command: ["sh", "-c", 'echo "{\\"said\\": \\"password=$LOGIN\\"}" > $SLIPWAY_OUTPUTS; echo "password=$LOGIN"'],
    env,
    outputs: { said: { type: "string" }, line: { type: "string", from: "lastLine" } },
  },
  absent: { image: "slipway.local/busybox:1", command: ["/opt/password=from-the-dag"] },
  misconfigured: {
    image: "slipway.local/busybox:1",
    env: { ...env, MISSING: { secretKeyRef: { name: "login", key: "nothing" } } },
  },
};

test("secrets - neither logs nor events nor errors nor the history tell what was redacted, or an env value", async () => {
  const seen = start(stack.binaries.nats, ["sub", `${fleet.installation}.>`], { NATS_URL: stack.nats.url });
  await eventually("the subscriber listens", () => /Subscribing/.test(seen.stderr() + seen.stdout()));
  const handle = await fleet.temporal.workflow.start("runDag", {
    taskQueue: fleet.installation,
    workflowId: "dag/secrets/1",
    args: [{ dag: { dag: "secrets", defaults: { namespace: fleet.namespace }, tasks } }],
  });
  const failure = await handle.result().catch((error: unknown) => String(error));
  await eventually("the end is told", () => seen.stdout().includes("run.finished"));
  await seen.stop();

  const { stdout } = await fleet.run("logs", "secrets/1", "speaks");
  expect(stdout).toBe("before [redacted] after\n[redacted]\nlast [redacted]\n");
  const described = await fleet.run("describe", "secrets/1", "speaks", "-o", "json");
  const events = await fleet.run("events", "secrets/1", "-o", "json");
  const history = JSON.stringify(await handle.fetchHistory(), (_key, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString("utf8") : value,
  );
  const state = JSON.stringify(await handle.query("state"));
  expect(state).toContain("exit code 3");
  expect(state).toContain('"outputs":{"said":"[redacted]","line":"[redacted]"}');
  const told = { failure, state, described: described.stdout, events: events.stdout, worker: worker.stderr() };
  for (const [where, text] of Object.entries({ ...told, history, subscribed: seen.stdout() })) {
    expect({ where, secret: text.includes(SECRET), token: text.includes("token 1234") }).toEqual({
      where,
      secret: false,
      token: false,
    });
  }
  // The DAG itself is the run's input, so the history has what it says; nothing else repeats it.
  for (const [where, text] of Object.entries({ ...told, subscribed: seen.stdout() }))
    expect({ where, plain: text.includes(PLAIN) }).toEqual({ where, plain: false });
  // Words of the cluster that repeat what stands in the DAG.
  expect(events.stdout).toContain("/opt/[redacted]");
  for (const text of Object.values(told)) expect(text).not.toContain("from-the-dag");
});

test("secrets - a pattern that cannot serve is refused when the worker starts", async () => {
  const { code, stderr } = await slipway(["worker"], { ...fleet.env, SLIPWAY_REDACT: "(oops" }).finished;
  expect({ code, stderr }).toMatchObject({ code: 2 });
  expect(stderr).toContain("SLIPWAY_REDACT");
  expect(stderr).not.toContain("oops");
});
