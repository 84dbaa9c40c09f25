import { type Given, type LogEnd, type Outcome, type OutputSource, type TaskSpec, utf8Length } from "@slipway/dag";
import { LIMITS, type OutputTexts, outputValues, type SourceText } from "@slipway/dag/read";
import type { AttemptResult } from "@slipway/run";
import type { Cluster } from "./cluster.ts";
import { lastLine, wholeLog } from "./log-text.ts";
import { containerOf } from "./manifest.ts";
import { mainOf, type PodView } from "./pod-view.ts";
import type { Terminated } from "./terminated.ts";

/** What Kubernetes keeps of termination messages: of one container, and of all of a pod, each its share of them (kubelet: pkg/kubelet/container/runtime.go). */
const MESSAGE_BYTES = 4_096;
const POD_MESSAGE_BYTES = 12_288;

/** Where outputs are read once the attempt has its outcome. */
export interface OutputPorts {
  readonly cluster: Pick<Cluster, "readLog">;
  readonly view: PodView;
  /** Of main's log, which has been carried there where an output comes from it. */
  readonly logEnd: LogEnd | undefined;
  readonly signal: AbortSignal;
}

/** Whether the outputs of an attempt that ended like this come, some of them, from its log. */
export function readsLog({ outputs = {} }: TaskSpec, outcome: Outcome): boolean {
  return endedByItself(outcome) && Object.values(outputs).some(({ from }) => from !== "message");
}

function endedByItself({ kind }: Outcome): boolean {
  return kind === "succeeded" || kind === "exit" || kind === "oom_killed";
}

/**
 * The outcome together with the task's outputs. One that is missing or does not fit makes a good end an `output` failure;
 * of a bad one, what does fit is kept. An attempt that others ended has none.
 */
export async function withOutputs(outcome: Outcome, spec: TaskSpec, ports: OutputPorts): Promise<Ended> {
  const main = mainOf(ports.view)?.state;
  if (spec.outputs === undefined || main?.kind !== "terminated" || !endedByItself(outcome)) return { outcome };
  const { values, problems } = outputValues(spec.outputs, await textsOf(spec, main, ports));
  const outputs = Object.keys(values).length === 0 ? {} : { outputs: values };
  return { outcome: outcome.kind === "succeeded" ? judged(outcome, problems) : outcome, ...outputs };
}

type Ended = Pick<AttemptResult, "outcome" | "outputs">;

/** With what the task hands on besides. A value that cannot be had, or has no room, makes a good end an `output` failure too. */
export async function withGiven(ended: Ended, give: (() => Promise<Given>) | undefined): Promise<Ended> {
  if (give === undefined || ended.outcome.kind !== "succeeded") return ended;
  const given = await give();
  if (given.kind === "broken") return { ...ended, outcome: judged(ended.outcome, [given.why]) };
  const outputs = { ...ended.outputs, ...given.values };
  return utf8Length(JSON.stringify(outputs)) > LIMITS.outputBytes
    ? { ...ended, outcome: judged(ended.outcome, [TOO_MUCH]) }
    : { ...ended, outputs };
}

const TOO_MUCH = `the outputs of the task together are larger than ${LIMITS.outputBytes / 1024} KB`;

function judged(good: Outcome, problems: readonly string[]): Outcome {
  const [first] = problems;
  if (first === undefined) return good;
  const more = problems.length === 1 ? "" : ` (and ${problems.length - 1} more)`;
  return { ...good, kind: "output", message: `${first}${more}` };
}

async function textsOf(spec: TaskSpec, main: Terminated, ports: OutputPorts): Promise<OutputTexts> {
  const asked = new Set(Object.values(spec.outputs ?? {}).map(({ from }) => from));
  const { cluster, view, logEnd: end, signal } = ports;
  const source = { namespace: view.namespace, pod: view.name, container: view.main };
  const log = { cluster, source, end, signal };
  const read: Readonly<Record<OutputSource, () => Promise<SourceText | undefined>>> = {
    message: async () => messageOf(spec, main, view),
    stdout: async () => await wholeLog(log),
    lastLine: async () => await lastLine(log),
  };
  const texts: Partial<Record<OutputSource, SourceText>> = {};
  for (const from of asked) {
    const text = await read[from]();
    if (text !== undefined) texts[from] = text;
  }
  return texts;
}

/** Undefined where it may be the log's last words instead: of a failure, where the task itself asks for those. */
function messageOf(spec: TaskSpec, { exitCode, message }: Terminated, view: PodView): SourceText | undefined {
  if (exitCode !== 0 && containerOf(spec)["terminationMessagePolicy"] === "FallbackToLogsOnError") return undefined;
  const most = Math.min(MESSAGE_BYTES, Math.floor(POD_MESSAGE_BYTES / view.containers.length));
  if (Buffer.byteLength(message) < most || isJson(message)) return { kind: "text", text: message };
  return { kind: "unreadable", why: `is larger than the ${most} bytes that Kubernetes keeps` };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
