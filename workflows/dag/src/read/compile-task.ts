import type { CompiledDag } from "../compiled.ts";
import { isOwnTaskName, RUN_POD_DAG, type TaskName } from "../ids.ts";
import { isJsonObject, type JsonObject } from "../json.ts";
import { compile } from "./compile.ts";
import { readDocument } from "./document.ts";
import { Findings, type Read } from "./findings.ts";
import { toJson } from "./json-door.ts";
import { declare } from "./params.ts";
import { JsonPlaces, type Path } from "./path.ts";
import { kindOf, quote } from "./say.ts";
import { isNoop } from "./task-kind.ts";
import type { RunValues } from "./values-at-start.ts";

/**
 * The DAG `-` of one pod task: the input of the workflow runPod. `name` is `main` where absent; `params` need no declaration.
 */
export function compileTask(
  input: { readonly name?: unknown; readonly task: unknown; readonly params?: unknown },
  run?: RunValues,
): Read<CompiledDag> {
  const name = input.name ?? "main";
  return Findings.read(new TaskPlaces(name), (findings) => {
    if (typeof name !== "string" || !isOwnTaskName(name)) {
      findings.error(
        "bad-name",
        ["name"],
        `${typeof name === "string" ? quote(name) : kindOf(name)} is not a name for a task`,
      );
      return undefined;
    }
    const params = toJson(input.params ?? {}, findings, ["params"]) ?? null;
    const task = toJson(input.task, findings, ["task"]);
    if (!isJsonObject(params))
      findings.error("bad-value", ["params"], `\`params\` must be a map, not ${kindOf(params)}`);
    if (!isJsonObject(task)) findings.error("bad-value", ["task"], `\`task\` must be a map, not ${kindOf(task)}`);
    if (!isJsonObject(params) || !isJsonObject(task) || !findings.clean) return undefined;
    return compileOne(name, task, params, findings, run);
  });
}

function compileOne(
  name: TaskName,
  task: JsonObject,
  params: JsonObject,
  findings: Findings,
  run: RunValues | undefined,
): CompiledDag | undefined {
  const word = isNoop(task)
    ? "noop"
    : ["after", "rule", "if", "forEach", "key", "tasks", "use", "approve", "wait"].find((each) =>
        Object.hasOwn(task, each),
      );
  if (word !== undefined) {
    findings.error("unknown-field", ["task", word], `${quote(word)} has no meaning in a task of its own`, {
      at: "key",
      fix: "leave it out: runPod runs one pod",
    });
    return undefined;
  }
  const raw = { dag: RUN_POD_DAG, params: declare(params), tasks: { [name]: task } };
  const document = readDocument(raw, findings, true);
  return document === undefined ? undefined : compile(document, params, findings, run);
}

/** A runPod's input has its fields under `task`, not under `tasks.<name>`. */
class TaskPlaces extends JsonPlaces {
  readonly #name: unknown;
  constructor(name: unknown) {
    super();
    this.#name = name;
  }

  protected override find(path: Path): ReturnType<JsonPlaces["where"]> {
    const inTask = path[0] === "tasks" && path[1] === this.#name;
    return super.find(inTask ? ["task", ...path.slice(2)] : path);
  }
}
