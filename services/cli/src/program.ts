import { Argument, Command, Option } from "commander";
import type { Call, VerbModule } from "./call.ts";
import type { ExitCode } from "./exit-code.ts";
import { notYet } from "./failure.ts";
import { GRAPH_FORMATS } from "./graph-view.ts";
import { LINT_FORMATS } from "./lint-view.ts";
import { NOT_YET_VERBS } from "./not-yet.ts";
import { FORMATS } from "./output.ts";
import type * as controls from "./verbs/control.ts";
import type { World } from "./world.ts";

/** Collects `-p a=1 -p b=2`. */
const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/**
 * The command tree. Modules of verbs are imported when a verb runs, so `--help` costs no server library.
 * `done` gets the exit code of the verb that ran.
 */
export function buildProgram(world: World, done: (code: ExitCode) => void, dashed = false): Command {
  const program = new Command("slipway")
    .description("Runs DAGs of Kubernetes pods. Temporal decides, NATS carries the logs.")
    .configureOutput({
      writeOut: (text) => world.out.write(text),
      writeErr: (text) => world.err.write(text),
      // It throws the same text, and runCli tells it as it tells every error.
      outputError: () => {},
    })
    .exitOverride()
    .showSuggestionAfterError(false)
    .configureHelp({ sortSubcommands: false })
    .helpCommand("help [command]", "say how a command is used");
  const verb = (usage: string, description: string, load: () => Promise<VerbModule>): Command =>
    program
      .command(usage)
      .description(description)
      .action(async function (this: Command) {
        const call: Call = { world, args: this.args, flags: this.opts(), dashed };
        done(await (await load()).run(call));
      });
  localVerbs(verb);
  fileVerbs(verb);
  runVerbs(verb);
  controlVerbs(verb);
  verb(
    "explain [name...]",
    "say what a field, an error code, an outcome, an event, or a name in expressions means",
    () => import("./verbs/explain.ts"),
  );
  notYetVerbs(program);
  return program.addHelpText(
    "after",
    `\nNot yet: ${NOT_YET_VERBS.join(" ")}\nExit codes: 0 ok or run succeeded, 1 command failed, 2 usage or lint, 3 run failed, 4 run cancelled or rejected, 5 timed out, 130 detached`,
  );
}

type AddVerb = (usage: string, description: string, load: () => Promise<VerbModule>) => Command;

function localVerbs(verb: AddVerb): void {
  const stack = (command: Command): Command =>
    command
      .option("--context <name>", "use this context of a kubeconfig in place of the local Kubernetes")
      .option("--kubeconfig <file>", "the kubeconfig that has the context")
      .option("--temporal <address>", "use this Temporal (host:port) in place of a local one")
      .option("--nats <url>", "use this NATS in place of a local one");
  stack(
    verb("quickstart", "local servers, a worker, and the example, explained", () => import("./verbs/quickstart.ts")),
  );
  stack(verb("up", "start the local servers and a worker", () => import("./verbs/up.ts")));
  verb("down", "stop what `up` started here", () => import("./verbs/down.ts")).option("--wipe", "remove the state too");
  verb("env", 'shell exports of the local stack: eval "$(slipway env)"', () => import("./verbs/env.ts"));
  connection(verb("worker", "run a worker until SIGTERM", () => import("./verbs/worker.ts")))
    .option("--kubeconfig <file>", "kubeconfig of the cluster [SLIPWAY_KUBECONFIG]")
    .option("--context <name>", "its context [SLIPWAY_CONTEXT]")
    .option("--cluster <name>", "name of the cluster in the task queue [SLIPWAY_CLUSTER]")
    .option("--namespace <name>", "where pods go that name no namespace [SLIPWAY_NAMESPACE]", undefined)
    .option("--max-pods <n>", "attempts watched at once");
  connection(verb("doctor", "check every server and say what to mend", () => import("./verbs/doctor.ts")))
    .option("--kubeconfig <file>", "kubeconfig of the cluster [SLIPWAY_KUBECONFIG]")
    .option("--context <name>", "its context [SLIPWAY_CONTEXT]")
    .option("--cluster <name>", "name of the cluster in the task queue [SLIPWAY_CLUSTER]")
    .option("--namespace <name>", "where pods go that name no namespace [SLIPWAY_NAMESPACE]");
}

function fileVerbs(verb: AddVerb): void {
  const lint = verb("lint <path...>", "check DAG files without any server", () => import("./verbs/lint.ts"));
  lint
    .option("--fix", "mend what is beyond doubt in the files, and say what was changed")
    .addOption(
      new Option("-o, --output <format>", "text, json, or github: workflow commands that mark lines of a pull request")
        .choices(LINT_FORMATS)
        .default("text"),
    );
  verb(
    "build [file-or-command...]",
    "print the DAG that a TypeScript file, or `-- COMMAND`, builds",
    () => import("./verbs/build.ts"),
  );
  params(verb("graph <path>", "draw a DAG, and play ends through it", () => import("./verbs/graph.ts")))
    .option("--dag <name>", "which DAG, where the file holds several")
    .option(
      "--if <task=end>",
      "say how each task ends when this one is succeeded, failed or skipped; several with commas",
      collect,
    )
    .addOption(new Option("-o, --output <format>", "format").choices(GRAPH_FORMATS).default("text"));
  params(verb("render <path>", "print the exact pod manifest of each task", () => import("./verbs/render.ts")))
    .option("--dag <name>", "which DAG, where the file holds several")
    .option("--namespace <name>", "where pods go that name no namespace [SLIPWAY_NAMESPACE]")
    .option("--installation <name>", "which Slipway [SLIPWAY_INSTALLATION]");
}

function runVerbs(verb: AddVerb): void {
  const run = verb(
    "run <path>",
    "start a run of a DAG file (a folder means its dag.yaml)",
    () => import("./verbs/run.ts"),
  );
  output(connection(params(run)))
    .addOption(new Option("--wait", "wait for the end, one line per change"))
    .addOption(new Option("--watch", "wait for the end, with a live table on a terminal").conflicts("wait"))
    .addOption(new Option("--logs", "wait for the end and print the logs").conflicts(["wait", "watch"]))
    .option("--timeout <duration>", "stop waiting after this long: 30s, 5m, 1h30m")
    .option("--run-id <id>", "name the run; without it a new name is made")
    .option("--dag <name>", "which DAG, where the file holds several");
  connection(verb("logs <run> [task]", "print the lines of a run or of one task", () => import("./verbs/logs.ts")))
    .option("-f, --follow", "go on until the run is over")
    .option("--index <n>", INDEX)
    .option("--attempt <n>", "this attempt, or all; without it the last one")
    .option("-c, --container <name>", "this container; without it all")
    .option("--timestamps", "each line with its time")
    .option("--tail <n>", "only the last lines, at most 100000; with -f then what comes")
    .option("--from-line <n>", "of each container, from this line on")
    .option("--since <when>", "only lines that are not older: 30s, 5m, 1h30m, or a time (RFC 3339)")
    .option("--grep <text>", "only lines with this text, or that match /REGEX/ (RE2)")
    .addOption(new Option("-o, --output <format>", "format").choices(["raw", "json"]).default("raw"));
  output(
    connection(
      verb("events <run> [task]", "print what happened to a run or to one task", () => import("./verbs/events.ts")),
    ),
  )
    .option("-f, --follow", "go on until the run is over")
    .option("--index <n>", INDEX)
    .option("--type <type>", "only attempt.finished, say, or all of attempt; may be repeated", collect);
  output(connection(verb("get", "list runs, the tasks of a run, or pools", () => import("./verbs/get.ts"))))
    .addArgument(new Argument("<what>", "runs, tasks or pools").choices(["runs", "tasks", "dags", "pools"]))
    .argument("[run]", "the run whose tasks are listed; default @latest")
    .option("--dag <name>", "only runs of this DAG")
    .addOption(
      new Option("--state <state>", "only runs in this state").choices([
        "queued",
        "running",
        "paused",
        "succeeded",
        "failed",
        "cancelled",
      ]),
    )
    .option("--limit <n>", "at most so many", "50");
  output(
    connection(
      verb("describe <run>", "tasks, attempts, causes, pods and links of a run", () => import("./verbs/describe.ts")),
    ),
  );
  output(connection(verb("wait <run>", "wait until a run is over", () => import("./verbs/wait.ts")))).option(
    "--timeout <duration>",
    "give up after this long: 30s, 5m, 1h30m",
  );
}

function controlVerbs(verb: AddVerb): void {
  const control = (usage: string, description: string, pick: (verbs: typeof controls) => VerbModule): Command =>
    who(verb(usage, description, async () => pick(await import("./verbs/control.ts"))));
  who(
    verb(
      "cancel <run> [task]",
      "stop a run (nothing more starts, its pods are ended), or one task's attempt",
      () => import("./verbs/cancel.ts"),
    ),
  )
    .option("--index <n>", INDEX)
    .option("--reason <text>", "why; the same as --note");
  control("pause <run>", "start nothing new; what runs goes on", ({ pause }) => pause);
  control("unpause <run>", "go on with a paused run", ({ unpause }) => unpause);
  control("retry <run> [task]", "run what failed again, and what depends on it", ({ retry }) => retry).option(
    "--index <n>",
    INDEX,
  );
  control("clear <run> <task>", "run a settled task again, and what depends on it", ({ clear }) => clear)
    .option("--index <n>", INDEX)
    .option("--upstream", "also what it depends on")
    .option("--no-downstream", "not what depends on it");
  control("approve <run> <task>", "answer an approval", ({ approve }) => approve).option(
    "--choice <option>",
    "which option; approve without it",
  );
  control("reject <run> <task>", "answer an approval with reject: its task has failed", ({ reject }) => reject);
  control("mark <run> <task> <state>", "give a task a state: succeeded, failed, skipped", ({ mark }) => mark).option(
    "--index <n>",
    INDEX,
  );
  who(
    params(
      verb("set <run>", "set params for the tasks that have not begun", async () => await import("./verbs/set.ts")),
    ),
  );
  control("skip <run> <task>", "skip a task that has not started", ({ skip }) => skip).option("--index <n>", INDEX);
}

const INDEX = "of a task with `forEach` this item, by its position; also as TASK[KEY]";

/** What every control takes. */
function who(command: Command): Command {
  return output(connection(command))
    .option("--by <name>", "who asks; kept with the run [USER]")
    .option("--note <text>", "why; kept with the run")
    .option("--dry-run", "change nothing, say what would change");
}

function notYetVerbs(program: Command): void {
  for (const name of NOT_YET_VERBS) {
    program
      .command(name, { hidden: true })
      .argument("[args...]")
      .allowUnknownOption()
      .helpOption(false)
      .action(() => {
        throw notYet(`slipway ${name}`);
      });
  }
}

function connection(command: Command): Command {
  return command
    .option("--temporal <address>", "Temporal, host:port [TEMPORAL_ADDRESS]")
    .option("--temporal-namespace <name>", "namespace in Temporal [TEMPORAL_NAMESPACE]")
    .option("--profile <name>", "profile of Temporal's configuration file [TEMPORAL_PROFILE]")
    .option("--nats <url>", "NATS, nats://host:port, several with commas [NATS_URL]")
    .option("--nats-creds <file>", "credentials file of NATS [NATS_CREDS]")
    .option("--nats-user <name>", "user of NATS [NATS_USER], whose password is in NATS_PASSWORD")
    .option("--nats-ca <file>", "authority of NATS' certificate [NATS_CA]")
    .option("--nats-cert <file>", "our certificate for NATS [NATS_CERT]")
    .option("--nats-key <file>", "its key [NATS_KEY]")
    .option("--installation <name>", "which Slipway [SLIPWAY_INSTALLATION]");
}

function output(command: Command): Command {
  return command.addOption(new Option("-o, --output <format>", "format").choices(FORMATS).default("table"));
}

function params(command: Command): Command {
  return command
    .option("-p, --param <name=value>", "a param of the DAG; may be repeated", collect)
    .option("--params <file>", "params from a JSON or YAML file");
}
