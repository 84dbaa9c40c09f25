import { isJsonObject, type JsonObject } from "../json.ts";
import { own } from "../strategic-merge.ts";
import type { Findings } from "./findings.ts";
import { CONTAINER_FIELDS } from "./kubernetes-fields.ts";
import type { Path } from "./path.ts";
import { checkHold, heldKind } from "./holds.ts";
import { isGroup } from "./placed.ts";
import { listed } from "./say.ts";

/** What a pod task, and `defaults`, may say. */
export const POD_WORDS: ReadonlySet<string> = new Set([
  ...CONTAINER_FIELDS,
  "pod",
  "metadata",
  "namespace",
  "mainContainer",
  "retries",
  "timeout",
  "exitCodes",
  "cleanup",
  "outputs",
  "pool",
  "mutex",
  "priority",
]);

/** What only a group may say. */
export const GROUP_WORDS = ["tasks", "finally", "defaults", "failFast", "parallelism"] as const;

/** The key says which kind a task is: `noop`, `tasks`, or else a pod. */
export function isNoop(task: JsonObject): boolean {
  return own(task, "noop") !== undefined;
}

function checkGroup(task: JsonObject, path: Path, findings: Findings): void {
  checkValues(task, path, "a group", findings);
  if (Object.hasOwn(task, "forEach")) {
    findings.error(
      "task-kind",
      [...path, "forEach"],
      "a group cannot run once for each item: its tasks have one state each",
      {
        at: "key",
        fix: "write `forEach` in the tasks of the group; each waits for all items of those before it",
      },
    );
  }
  const words = Object.keys(task).filter(
    (word) => word !== "outputs" && (POD_WORDS.has(word) || NOT_OF_GROUPS.has(word)),
  );
  if (words.length === 0) return;
  findings.error("task-kind", path, `the task is a group, which makes no pod of its own, and has ${listed(words)}`, {
    at: "key",
    fix: `write ${listed(words)} in its tasks, or what they share in the group's \`defaults\``,
  });
}

const NOT_OF_GROUPS: ReadonlySet<string> = new Set(["use", "with", "approve", "wait"]);

const MORE_KINDS: readonly string[] = ["use", "approve", "wait"];

/** What makes no pod has nothing to read an output from. */
function checkValues(task: JsonObject, path: Path, called: string, findings: Findings): void {
  const outputs = own(task, "outputs");
  for (const [name, declaration] of Object.entries(isJsonObject(outputs) ? outputs : {})) {
    if (isJsonObject(declaration) && Object.hasOwn(declaration, "value")) continue;
    const what = `the output ${listed([name])} of ${called} has no \`value\`, and there is no pod to read it from`;
    findings.error("missing-field", [...path, "outputs", name], what, {
      at: "key",
      fix: `write \`${name}: { value: "\${{ … }}" }\``,
    });
  }
}

/** A task is exactly one kind, and a pod needs an image: its own, or one of the layers below it, the nearest first. */
export function checkKind(task: JsonObject, below: readonly JsonObject[], path: Path, findings: Findings): void {
  if (isNoop(task)) {
    checkValues(task, path, "a `noop`", findings);
    const isOther = (word: string): boolean => POD_WORDS.has(word) || [...MORE_KINDS, "tasks"].includes(word);
    const words = Object.keys(task).filter((word) => isOther(word) && word !== "outputs");
    if (words.length > 0) {
      findings.error("task-kind", path, `the task is a \`noop\`, which makes no pod, and has ${listed(words)}`, {
        at: "key",
        fix: `remove \`noop\`, or ${listed(words)}`,
      });
    }
    return;
  }
  if (heldKind(task) !== undefined) {
    checkHold(task, path, findings);
    return;
  }
  if (isGroup(task)) {
    checkGroup(task, path, findings);
    return;
  }
  const isSpread = Object.hasOwn(task, "forEach");
  const stray = GROUP_WORDS.filter((word) => Object.hasOwn(task, word) && !(isSpread && word === "parallelism"));
  if (stray.length > 0) {
    findings.error("task-kind", path, `${listed(stray)} ${stray.length === 1 ? "belongs" : "belong"} to a group`, {
      at: "key",
      fix: `a group has \`tasks\`; a task of another kind has no ${listed(stray, "or")}`,
    });
  }
  const image = [task, ...below].map((layer) => own(layer, "image")).find((given) => given !== undefined);
  if (image !== undefined && image !== null) return;
  if (Object.keys(task).every((word) => ["after", "rule", "if", "forEach", "key"].includes(word))) {
    findings.error("empty-task", path, "the task has nothing to do", { at: "key" });
  } else {
    findings.error("missing-field", path, "the task has no `image`", {
      at: "key",
      fix: "give it an `image`, here, under `defaults` or in the template it uses; a task that does nothing is `noop: {}`",
    });
  }
}
