/** What a task hands on, over real pods: from each source, and each way in which it can be wrong. */
import { reportOf, sharedFleet, shell, startDag } from "@slipway/testbed";
import { expect, test } from "vitest";

const fleet = sharedFleet();

async function tasksOf(run: string, tasks: Record<string, unknown>) {
  const handle = await startDag(fleet, "outputs", run, { tasks });
  await handle.result().catch(() => undefined);
  return (await reportOf(handle)).tasks;
}

test("outputs - each source gives its values, typed; describe and get tasks show them", async () => {
  const tasks = await tasksOf("good", {
    message: {
      ...shell(`echo "not this"; echo '{"rows": 3, "mode": "full", "more": 1}' > "$SLIPWAY_OUTPUTS"`),
      outputs: { rows: { type: "integer" }, mode: { enum: ["full", "delta"] } },
    },
    path: {
      ...shell(`test "$SLIPWAY_OUTPUTS" = /tmp/out && echo '{"n": 1}' > /tmp/out`),
      terminationMessagePath: "/tmp/out",
      outputs: { n: 0 },
    },
    stdout: { ...shell(`echo '["a",'; sleep 1; echo ' "b"]'`), outputs: { list: { type: "array", from: "stdout" } } },
    text: { ...shell("echo 3; echo; echo four"), outputs: { all: { type: "string", from: "stdout" } } },
    last: {
      ...shell(`seq 1 5000; echo '{"ok": true}'; echo; echo "  "; printf '\\n'`),
      outputs: { end: { type: "object", from: "lastLine" }, line: { type: "string", from: "lastLine" } },
    },
    // Alone: beside others it would have to share what the state takes.
    long: {
      after: ["stdout", "text", "last", "job"],
      ...shell(`echo first; head -c 200000 /dev/zero | tr '\\0' x; echo`),
      outputs: { line: { type: "string", from: "lastLine" } },
    },
    job: {
      ...shell("echo main speaks"),
      mainContainer: "job",
      pod: { containers: [{ name: "side", image: "slipway.local/busybox:1", command: ["echo", "side"] }] },
      outputs: { said: { type: "string", from: "stdout" } },
    },
    failed: {
      ...shell(`echo '{"rows": 7, "bad": "x"}' > "$SLIPWAY_OUTPUTS"; exit 3`),
      outputs: { rows: { type: "integer" }, bad: { type: "integer" } },
    },
    spoke: { ...shell(`echo '{"rows": 7}'; exit 3`), outputs: { rows: { type: "integer" } } },
    skipped: { ...shell("exit 99"), exitCodes: { skip: [99] }, outputs: { rows: 5, name: { type: "string" } } },
  });
  const found = Object.fromEntries(
    Object.entries(tasks).map(([name, { state, outputs }]) => [name, { state, outputs }]),
  );
  expect(found).toMatchObject({
    message: { state: "succeeded", outputs: { rows: 3, mode: "full" } },
    path: { state: "succeeded", outputs: { n: 1 } },
    stdout: { state: "succeeded", outputs: { list: ["a", "b"] } },
    text: { state: "succeeded", outputs: { all: "3\n\nfour" } },
    last: { state: "succeeded", outputs: { end: { ok: true }, line: '{"ok": true}' } },
    long: { state: "succeeded", outputs: { line: "x".repeat(200_000) } },
    job: { state: "succeeded", outputs: { said: "main speaks" } },
    failed: { state: "failed", outputs: { rows: 7 } },
    spoke: { state: "failed", outputs: undefined },
    skipped: { state: "skipped", outputs: { rows: 5, name: null } },
  });
  const described = await fleet.run("describe", "outputs/good");
  expect(described.stdout).toMatch(/\nmessage +rows +3\n/);
  const data: unknown = JSON.parse((await fleet.run("get", "tasks", "outputs/good", "-o", "json")).stdout);
  expect(data).toContainEqual(expect.objectContaining({ task: "stdout", outputs: { list: ["a", "b"] } }));
});

test("outputs - runPod gives them too, and its failure names what is missing", async () => {
  const task = { ...shell(`echo '{"n": 1}' > "$SLIPWAY_OUTPUTS"`), namespace: fleet.namespace };
  const start = (workflowId: string, outputs: Record<string, unknown>) =>
    fleet.temporal.workflow.execute("runPod", {
      taskQueue: fleet.installation,
      workflowId,
      args: [{ task: { ...task, outputs } }],
    });
  expect(await start("pod-good", { n: { type: "integer" } })).toMatchObject({ tasks: { main: { outputs: { n: 1 } } } });
  const failure: unknown = await start("pod-bad", { m: { type: "integer" } }).catch((error: unknown) => error);
  expect(failure).toMatchObject({
    cause: {
      type: "DagFailed",
      message: "main failed: output m: it is missing in what was written to $SLIPWAY_OUTPUTS",
      details: [{ kind: "output" }, { state: "failed" }],
    },
  });
});

test("outputs - each way to be wrong is told, counts against retries.limit, and is not the container's exit code", async () => {
  const integer = { type: "integer" };
  const tasks = await tasksOf("bad", {
    missing: { ...shell("true"), outputs: { rows: integer, more: integer }, retries: { limit: 1, delay: "0s" } },
    field: { ...shell(`echo '{}' > "$SLIPWAY_OUTPUTS"`), outputs: { rows: integer } },
    large: {
      ...shell(`(printf '{"rows": "'; head -c 5000 /dev/zero | tr '\\0' x; printf '"}') > "$SLIPWAY_OUTPUTS"`),
      outputs: { rows: { type: "string" } },
    },
    wordy: {
      ...shell("head -c 300000 /dev/zero | tr '\\0' x | fold -w 1000"),
      outputs: { all: { type: "string", from: "stdout" } },
    },
    wide: {
      ...shell("head -c 300000 /dev/zero | tr '\\0' x; echo"),
      outputs: { line: { type: "string", from: "lastLine" } },
    },
    json: { ...shell("echo three"), outputs: { rows: { ...integer, from: "lastLine" } } },
    type: { ...shell("echo 3.5"), outputs: { rows: { ...integer, from: "stdout" } } },
    silent: { ...shell("true"), outputs: { rows: { type: "string", from: "lastLine" } } },
  });
  const said = Object.fromEntries(
    Object.entries(tasks).map(([name, { kind, message }]) => [name, `${kind}: ${message}`]),
  );
  expect(said).toEqual({
    missing: "output: output rows: nothing was written to $SLIPWAY_OUTPUTS (and 1 more)",
    field: "output: output rows: it is missing in what was written to $SLIPWAY_OUTPUTS",
    large:
      "output: output rows: what was written to $SLIPWAY_OUTPUTS is larger than the 4096 bytes that Kubernetes keeps",
    wordy: "output: output all: the log is larger than 256 KB",
    wide: "output: output line: the last line of the log is larger than 256 KB",
    json: "output: output rows: the last line of the log is not JSON",
    type: "output: output rows: must be a whole number, not a number",
    silent: "output: output rows: the log has no line that is not empty",
  });
  expect(tasks["missing"]).toMatchObject({ state: "failed", attempts: 2 });
});

test("outputs - large ones of a run that holds enough go to the object store; whoever names one is given its value", async () => {
  const large = { ...shell("seq -w 1 40000 | head -c 200000"), outputs: { text: { type: "string", from: "stdout" } } };
  const handle = await startDag(fleet, "outputs", "large", {
    tasks: {
      first: large,
      second: { ...large, after: "first" },
      small: { ...shell("echo 7"), after: "second", outputs: { n: { type: "integer", from: "stdout" } } },
      reader: {
        ...shell('echo "$SIZE $N"'),
        after: ["second", "small"],
        if: "tasks.second.outputs.text.startsWith('00001')",
        env: { SIZE: "${{ size(tasks.second.outputs.text) }}", N: "${{ tasks.small.outputs.n }}" },
        outputs: { line: { type: "string", from: "stdout" } },
      },
    },
    outputs: { end: { value: "${{ tasks.second.outputs.text.substring(199990) }}" } },
  });
  const stored = { "slipway.dev/stored": expect.stringMatching(/^[0-9a-f-]{36}\/second\/-\/1\/text$/), bytes: 233_335 };
  expect(await handle.result()).toMatchObject({
    tasks: {
      first: { outputs: { text: expect.stringMatching(/^00001/) } },
      second: { outputs: { text: stored } },
      small: { outputs: { n: 7 } },
      reader: { outputs: { line: "200000 7" } },
    },
    outputs: { end: expect.stringMatching(/^[0-9\n]{10}$/) },
  });
  const { stdout } = await fleet.run("describe", handle.workflowId);
  expect(stdout).toMatch(/second +text +228 KB in the object store: [0-9a-f-]{36}\/second\/-\/1\/text\n/);
});

test("outputs - large values of a noop, of its items and of a group go there too", async () => {
  const large = { ...shell("seq -w 1 40000 | head -c 200000"), outputs: { text: { type: "string", from: "stdout" } } };
  const handle = await startDag(fleet, "outputs", "large-values", {
    tasks: {
      first: large,
      copy: {
        noop: {},
        after: "first",
        outputs: { text: { value: "${{ tasks.first.outputs.text }}" }, n: { value: 1 } },
      },
      each: {
        noop: {},
        after: "first",
        forEach: [1, 2],
        outputs: { text: { value: "${{ string(item) + tasks.first.outputs.text }}" } },
      },
      group: {
        after: ["copy", "each"],
        tasks: { inner: { noop: {}, outputs: { n: { value: 3 } } } },
        outputs: { text: { value: "${{ string(tasks.inner.outputs.n) + tasks.copy.outputs.text }}" } },
      },
      reader: {
        ...shell('echo "$SIZES"'),
        after: ["copy", "each", "group"],
        env: {
          SIZES:
            "${{ json([size(tasks.copy.outputs.text), size(tasks.each.outputs.text[1]), size(tasks.group.outputs.text)]) }}",
        },
        outputs: { sizes: { type: "array", from: "stdout" } },
      },
    },
  });
  const stored = (name: string, bytes: number) => ({
    "slipway.dev/stored": expect.stringMatching(new RegExp(`^[0-9a-f-]{36}/${name}/text$`)),
    bytes,
  });
  expect(await handle.result()).toMatchObject({
    state: "succeeded",
    tasks: {
      copy: { outputs: { text: stored("copy/-/1", 233_335), n: 1 } },
      each: { outputs: { text: [stored("each/0/1", 233_336), stored("each/1/1", 233_336)] } },
      group: { outputs: { text: stored("group/-/1", 233_336) } },
      reader: { outputs: { sizes: [200_000, 200_001, 200_001] } },
    },
  });
});
