import { expect, test } from "vitest";
import { readDagFile } from "./dag-file.ts";
import { lint } from "./lint-text.ts";

test("schedule: every form is read and shown", () => {
  const of = (schedule: string): unknown => {
    const [first] = readDagFile(`dag: d\nschedule: ${schedule}\ntasks: { a: { noop: {} } }\n`);
    return first?.read.kind === "ok" ? first.read.value.schedule : first?.read;
  };
  expect(of("every 10m")).toEqual({ every: "10m" });
  expect(of('"*/10 * * * *"')).toEqual({ cron: "*/10 * * * *" });
  expect(of('"@daily"')).toEqual({ cron: "@daily" });
  expect(of("{ cron: [0 6 * * 1-5, 0 8 * * SAT], timeZone: Europe/Berlin, start: 2026-11-01, catchup: 7d }")).toEqual({
    cron: ["0 6 * * 1-5", "0 8 * * SAT"],
    timeZone: "Europe/Berlin",
    start: "2026-11-01",
    catchup: "7d",
  });
  const rest = { jitter: "5m", end: "2027-11-01T06:00", overlap: "queue", deadline: "4h" };
  expect(of(JSON.stringify({ after: "nightly_etl", ...rest }))).toEqual({ after: "nightly_etl", ...rest });
  expect(of("{ on: lake.ready }")).toEqual({ on: "lake.ready" });
});

test("schedule: what is wrong with one", () => {
  const text =
    "dag: d\nschedule: { cron: daily, timeZone: Berlin, catchup: maybe, timezone: UTC }\ntasks: { a: { noop: {} } }\n";
  expect(lint(text)).toMatchInlineSnapshot(`
    "error[bad-value]: \`cron\` must be a cron line of five fields (\`*/10 * * * *\`), or one of @hourly, @daily, @weekly, @monthly, @yearly, @once, @continuous
      --> f.yaml:2:19   schedule.cron
      why: what is not understood is refused before a pod runs, not guessed
      fix: write \`"@daily"\`
    error[bad-value]: \`timeZone\` must be an IANA time zone (Europe/Berlin)
      --> f.yaml:2:36   schedule.timeZone
      why: what is not understood is refused before a pod runs, not guessed
      fix: see the field reference (docs/reference/dag-file.md)
    error[bad-value]: \`catchup\` must be none, latest, all or a duration
      --> f.yaml:2:53   schedule.catchup
      why: what is not understood is refused before a pod runs, not guessed
      fix: see the field reference (docs/reference/dag-file.md)
    error[unknown-field]: \`timezone\` is not a field of \`schedule\`
      --> f.yaml:2:60   schedule.timezone
      why: a misspelt field that is ignored changes what runs without a word
      fix: write \`timeZone: Europe/Berlin\`"
  `);
  expect(lint("dag: d\nschedule: sometimes\ntasks: { a: { noop: {} } }\n")).toMatchInlineSnapshot(`
    "error[bad-value]: \`schedule\` must be a cron line of five fields (\`*/10 * * * *\`), or one of @hourly, @daily, @weekly, @monthly, @yearly, @once, @continuous
      --> f.yaml:2:11   schedule
      why: what is not understood is refused before a pod runs, not guessed
      fix: see the field reference (docs/reference/dag-file.md)"
  `);
});

test("a schedule warns that nothing follows it yet, and its params need defaults", () => {
  expect(lint("dag: d\nschedule: every 10m\ntasks: { a: { noop: {} } }\n")).toMatchInlineSnapshot(`
    "ok
    warning[no-clock]: nothing starts runs by \`schedule\` yet
      --> f.yaml:2:1   schedule
      why: this version checks a schedule and shows it; the clock that starts runs by it comes later
      fix: start runs with \`slipway run\`, or from any Temporal client"
  `);
  expect(
    lint("dag: d\nschedule: every 10m\nparams: { p: { type: string } }\ntasks: { a: { noop: {} } }\n"),
  ).toMatchInlineSnapshot(`
    "error[missing-field]: the param \`p\` has no default, and a scheduled run gives none
      --> f.yaml:3:11   params.p
      why: the DAG cannot run without it
      fix: give it a \`default\`, or leave \`schedule\` out"
  `);
});
