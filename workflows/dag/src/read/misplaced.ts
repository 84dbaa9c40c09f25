import { kubernetesFields } from "./kubernetes-fields.ts";
import { PEERS } from "./peers.ts";
import { quote } from "./say.ts";
import { POD_WORDS } from "./task-kind.ts";
import type { Scope } from "./words.ts";

/** Scopes that are objects of a task, by the field that holds them. */
const OBJECTS = ["retries", "timeout", "exitCodes", "cleanup", "pool"] as const;

/** The words of each scope, those of later versions included. */
type WordsOf = (scope: Scope) => readonly string[];

/** A word that is right somewhere else: where that is, as a line to copy. */
export function misplaced(word: string, scope: Scope, wordsOf: WordsOf): string | undefined {
  switch (scope) {
    case "dag":
      return atTheTop(word, wordsOf);
    case "task":
    case "defaults":
    case "template":
      return inTask(word, wordsOf);
    default:
      return wordsOf("task").includes(word) ? `${quote(word)} stands in the task, beside ${quote(scope)}` : undefined;
  }
}

function atTheTop(word: string, wordsOf: WordsOf): string | undefined {
  const field = podField(word);
  if (POD_WORDS.has(word))
    return `${quote(word)} belongs to tasks: write ${quote(`defaults: { ${word}: … }`)} for all of them`;
  if (wordsOf("task").includes(word))
    return `${quote(word)} belongs to a task: write ${quote(`tasks: { NAME: { ${word}: … } }`)}`;
  if (field !== undefined)
    return `${quote(field)} is a field of Kubernetes' PodSpec: write ${quote(`defaults: { pod: { ${field}: … } }`)}`;
  const peer = PEERS.task.get(word);
  return peer === undefined ? undefined : `${peer}; it stands in a task, or under \`defaults\``;
}

function inTask(word: string, wordsOf: WordsOf): string | undefined {
  const field = podField(word);
  if (field !== undefined)
    return `${quote(field)} is a field of Kubernetes' PodSpec: write ${quote(`pod: { ${field}: … }`)}`;
  if (word === "limits" || word === "requests") return `write ${quote(`resources: { ${word}: … }`)}`;
  const object = OBJECTS.find((scope) => wordsOf(scope).includes(word));
  if (object !== undefined && !wordsOf("dag").includes(word)) return `write ${quote(`${object}: { ${word}: … }`)}`;
  if (wordsOf("dag").includes(word)) return `${quote(word)} belongs to the DAG: write it at the top of the file`;
  const peer = PEERS.dag.get(word);
  return peer === undefined ? undefined : `${peer}; it stands at the top of the file`;
}

/** The field of PodSpec that is meant, however it is spelt. */
function podField(word: string): string | undefined {
  const fields = kubernetesFields("PodSpec");
  if (fields?.has(word) === true) return word;
  return [...(fields?.keys() ?? [])].find((field) => plain(field) === plain(word));
}

function plain(word: string): string {
  return word.toLowerCase().replaceAll(/[-_]/g, "");
}
