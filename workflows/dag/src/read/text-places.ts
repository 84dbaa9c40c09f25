import type { Json } from "../json.ts";
import type { Path } from "./path.ts";
import { inLayer } from "./placed.ts";

const TEXTS: ReadonlySet<string | number | undefined> = new Set(["image", "workingDir", "namespace"]);
const LISTS: ReadonlySet<string | number | undefined> = new Set(["command", "args"]);
const CONTAINERS: ReadonlySet<string | number | undefined> = new Set(["containers", "initContainers"]);

/**
 * Places where Kubernetes wants text and people write numbers: env values, arguments, labels, an image.
 * There a number stays the text as written (3.10, 012), and a list that an expression gives becomes JSON text.
 */
export function isTextPlace(path: Path): boolean {
  const layer = inContainer(path);
  const [first, second, third] = layer;
  if (layer.length === 1) return TEXTS.has(first);
  if (layer.length === 2) return typeof second === "number" ? LISTS.has(first) : first === "env";
  if (layer.length !== 3) return false;
  if (first === "env") return typeof second === "number" && third === "value";
  return first === "metadata"
    ? second === "labels" || second === "annotations"
    : first === "pod" && second === "nodeSelector";
}

/** The part of a path below the task, the template, the defaults, or a container of `pod`. */
function inContainer(path: Path): Path {
  const layer = inLayer(path);
  return layer[0] === "pod" && CONTAINERS.has(layer[1]) ? layer.slice(3) : layer;
}

/** 3 → "3", true → "true", a list or map → JSON; null has no text. */
export function textOf(value: Json): string | undefined {
  if (value === null) return undefined;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
