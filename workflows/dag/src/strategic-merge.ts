import { isJsonObject, type Json, type JsonObject } from "./json.ts";

/**
 * Lists that Kubernetes merges by a key (patchMergeKey in k8s.io/api/core/v1/types.go); every other list is replaced whole.
 * https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch/
 */
const MERGE_KEYS: ReadonlyMap<string, string> = new Map([
  ["containers", "name"],
  ["initContainers", "name"],
  ["volumes", "name"],
  ["env", "name"],
  ["imagePullSecrets", "name"],
  ["volumeMounts", "mountPath"],
  ["ports", "containerPort"],
]);

/** The key by which the elements of a list field are told apart; `undefined`: the list is one value. */
export function mergeKey(field: string): string | undefined {
  return MERGE_KEYS.get(field);
}

/**
 * Kubernetes' strategic merge of `over` onto `base`: maps by key, the lists above by theirs, `null` removes,
 * and an element `{ <key>: …, $patch: delete }` removes the element. Elements of `base` keep their order, new ones follow.
 * Removals have been carried out in the result: it holds no null outside lists that are replaced whole.
 */
export function strategicMerge(base: JsonObject, over: JsonObject): JsonObject {
  const names = [...Object.keys(base), ...Object.keys(over).filter((name) => !Object.hasOwn(base, name))];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = mergeField(name, own(base, name), own(over, name));
      return value === undefined || value === null ? [] : [[name, value]];
    }),
  );
}

/** A field of the object itself: `constructor` and the like are ordinary names in a user's text. */
export function own(object: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

function mergeField(name: string, base: Json | undefined, over: Json | undefined): Json | undefined {
  const upper = over === undefined ? base : over;
  if (isJsonObject(upper)) return strategicMerge(isJsonObject(base) ? base : {}, upper);
  const key = mergeKey(name);
  if (key === undefined || !Array.isArray(upper)) return upper;
  return mergeList(name, key, Array.isArray(base) && upper !== base ? base : [], upper);
}

function mergeList(field: string, key: string, base: readonly Json[], over: readonly Json[]): readonly Json[] {
  const known = new Set(base.map((element) => keyOf(element, key)));
  const patches = new Map(over.map((element) => [keyOf(element, key), element]));
  patches.delete(undefined);
  const merged = base.map((element) => {
    const patch = patches.get(keyOf(element, key));
    return patch === undefined ? element : mergeElement(field, key, element, patch);
  });
  const fresh = over.filter((element) => {
    const id = keyOf(element, key);
    return id === undefined || !known.has(id);
  });
  return [...merged, ...fresh].filter((element) => !isRemoval(element)).map(withoutRemovals);
}

/**
 * An env variable and a volume name one source of several: where the upper layer names another source, the lower one
 * goes (both together are what the API server refuses).
 */
function mergeElement(field: string, key: string, base: Json, over: Json): Json {
  if (!isJsonObject(base) || !isJsonObject(over) || isRemoval(over) || field === "env") return over;
  const shared = Object.keys(over).some((name) => name !== key && Object.hasOwn(base, name));
  return field === "volumes" && !shared && Object.keys(over).length > 1 ? over : strategicMerge(base, over);
}

function keyOf(element: Json, key: string): Json | undefined {
  return isJsonObject(element) ? own(element, key) : undefined;
}

function isRemoval(element: Json): boolean {
  return isJsonObject(element) && own(element, "$patch") === "delete";
}

function withoutRemovals(element: Json): Json {
  return isJsonObject(element) ? strategicMerge({}, element) : element;
}
