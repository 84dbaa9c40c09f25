import { Suggester } from "@slipway/dag";
import {
  CONTAINER_FIELDS,
  FIELDS,
  type FieldDoc,
  kubernetesFields,
  NOT_YET,
  PEERS,
  type Scope,
} from "@slipway/dag/read";
import { stringify } from "yaml";

/** In the order people mean them: a bare word is a task's first. */
const SCOPES = [
  ...(["task", "dag", "retries", "timeout", "exitCodes", "cleanup", "pool"] as const),
  ...(["approve", "wait", "event"] as const),
  ...(["schedule", "metadata", "noop", "template", "defaults"] as const),
];

/** What a name on the command line means in the format: `after`, `retries.limit`, `dag.params`, `task.image`. */
interface Named {
  readonly scope: Scope;
  readonly word: string;
}

/** The texts about a field, Kubernetes' too; empty where the name is none. */
export function fieldExplanations(name: string): readonly string[] {
  const found = fieldsNamed(name).map(({ scope, word }) => {
    const doc = Object.hasOwn(FIELDS[scope], word) ? FIELDS[scope][word] : undefined;
    return doc === undefined
      ? `${titleOf({ scope, word })}: part of the format, but this version does not run it yet\n`
      : textOf({ scope, word }, doc);
  });
  if (found.length > 0) return found;
  const kubernetes = kubernetesText(name);
  return kubernetes === undefined ? [] : [kubernetes];
}

/** What the word of another tool is here. */
export function peerExplanations(name: string): readonly string[] {
  const peers = SCOPES.flatMap((scope) => PEERS[scope].get(name) ?? []);
  return [...new Set(peers)].map((fix) => `${name}: not a word of this format; ${fix}\n`);
}

/** Every field, as it may be asked for. */
export function fieldNames(): readonly string[] {
  const plain = SCOPES.flatMap((scope) => [...Object.keys(FIELDS[scope]), ...NOT_YET[scope]]);
  const dotted = SCOPES.flatMap((scope) => Object.keys(FIELDS[scope]).map((word) => `${scope}.${word}`));
  return [
    ...new Set([...plain, ...dotted, ...CONTAINER_FIELDS, ...SCOPES.flatMap((scope) => [...PEERS[scope].keys()])]),
  ];
}

/** A word of the format that the name may have meant. */
export function nearField(name: string): string | undefined {
  return new Suggester().suggest(name, fieldNames());
}

function fieldsNamed(name: string): readonly Named[] {
  const [word = "", around] = name.split(".").toReversed();
  const later = (scope: Scope): readonly string[] => NOT_YET[scope];
  const known = SCOPES.filter((scope) => Object.hasOwn(FIELDS[scope], word) || later(scope).includes(word));
  if (around !== undefined) return known.filter((scope) => meant(scope, around)).map((scope) => ({ scope, word }));
  const task = known.includes("task");
  const others = known.filter((scope) => !task || (scope !== "defaults" && scope !== "template"));
  return others.map((scope) => ({ scope, word }));
}

function meant(scope: Scope, around: string): boolean {
  return around === scope || around === `${scope}s`;
}

function titleOf({ scope, word }: Named): string {
  return `${scope}.${word}`;
}

/** A field as it is written, on one line. */
export function exampleOf(word: string, { example }: Pick<FieldDoc, "example">): string {
  const written = stringify({ [word]: example }, { flowCollectionPadding: true, collectionStyle: "flow" }).trim();
  return written.replaceAll(/\s*\n\s*/g, " ").replace(/^\{ (.*) \}$/, "$1");
}

function textOf(named: Named, doc: FieldDoc): string {
  const lines = [
    `${titleOf(named)}: ${doc.text}`,
    ...(doc.default === undefined ? [] : [`  default: ${doc.default}`]),
    `  example: ${exampleOf(named.word, doc)}`,
  ];
  return `${lines.join("\n")}\n`;
}

/** Kubernetes' own words are explained by Kubernetes. */
function kubernetesText(name: string): string | undefined {
  if (CONTAINER_FIELDS.includes(name))
    return `task.${name}: Kubernetes' Container.${name}, verbatim\n  see: kubectl explain pod.spec.containers.${name}\n`;
  const field = name.replace(/^pod\./, "");
  if (kubernetesFields("PodSpec")?.has(field) !== true) return undefined;
  return `${field}: Kubernetes' PodSpec.${field}; write \`pod: { ${field}: … }\`\n  see: kubectl explain pod.spec.${field}\n`;
}
