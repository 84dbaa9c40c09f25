import {
  beyondRoom,
  isJsonObject,
  type Json,
  type JsonObject,
  type OutputsRef,
  STORED_KEY,
  storedAs,
  storedIn,
  storedName,
  withStored,
} from "@slipway/dag";
import { namedOutputs } from "@slipway/dag/cel";
import type { Evaluator } from "@slipway/expressions";
import type { Streams } from "@slipway/streams";

type Store = Streams["outputs"];

/** Bytes of JSON that one expression may have fetched. */
const NAMED_BYTES = 1_048_576;

/**
 * The outputs with references in the place of those that have no room in the run's state.
 * @throws StreamsUnavailable while the store is away: whoever asks again finds the pod's outputs where they were
 */
export async function storeOutputs(
  store: Pick<Store, "put">,
  ref: OutputsRef,
  outputs: JsonObject,
  room: number,
): Promise<JsonObject> {
  const gone = beyondRoom(outputs, room);
  const kept = Object.entries(outputs).map(async ([name, value]): Promise<[string, Json]> => {
    if (!gone.has(name)) return [name, value];
    const [object, json] = [storedName(ref, name), JSON.stringify(value)];
    await store.put(object, json);
    return [name, storedAs(object, Buffer.byteLength(json))];
  });
  return Object.fromEntries(await Promise.all(kept));
}

/**
 * An evaluator that puts values in the place of references, of those outputs alone that the expression names.
 * It rejects with StreamsUnavailable while the store is away; an output that is there no more is a failure.
 */
export function readingStored(
  evaluator: Pick<Evaluator, "evaluate">,
  store: Pick<Store, "get">,
): Pick<Evaluator, "evaluate"> {
  return {
    evaluate: async (question) => {
      const { tasks = null } = question.variables;
      const wanted = storedIn(tasks).length === 0 ? [] : storedIn(namedIn(tasks, question.source));
      if (wanted.length === 0) return await evaluator.evaluate(question);
      const bytes = wanted.reduce((sum, each) => sum + each.bytes, 0);
      if (bytes > NAMED_BYTES)
        return { kind: "failed", why: `the outputs that it names are larger than ${NAMED_BYTES / 1024} KB together` };
      const values = new Map<string, Json>();
      for (const { [STORED_KEY]: name } of wanted) {
        const json = await store.get(name);
        if (json === undefined)
          return { kind: "failed", why: `the output ${name} is not in the object store any more` };
        values.set(name, JSON.parse(json));
      }
      return await evaluator.evaluate({
        ...question,
        variables: { ...question.variables, tasks: withStored(tasks, values) },
      });
    },
  };
}

/** Everything of `tasks` that an expression may look at. */
function namedIn(tasks: Json, source: string): Json {
  return [...namedOutputs(source)].flatMap(([task, names]) => {
    const outputs = outputsOf(isJsonObject(tasks) ? tasks[task] : undefined);
    return names === "all" ? [outputs] : [...names].map((name) => outputs[name] ?? null);
  });
}

function outputsOf(task: Json | undefined): JsonObject {
  const outputs = isJsonObject(task) ? task["outputs"] : undefined;
  return isJsonObject(outputs) ? outputs : {};
}
