import { isJsonObject, type Json, type JsonObject } from "../json.ts";
import { own } from "../strategic-merge.ts";
import { isTemplate } from "./template.ts";
import type { Findings } from "./findings.ts";
import { imageProblem } from "./image-reference.ts";
import { kubernetesFields } from "./kubernetes-fields.ts";
import type { Path } from "./path.ts";
import { kindOf, listed, quote } from "./say.ts";

/**
 * Field names inside a Kubernetes object. A near miss of a known field is an error; a field that is like none may be
 * newer than our table and goes on to the API server (`fieldValidation=Strict`) with a warning.
 */
export function checkFields(value: Json, type: string, path: Path, findings: Findings): void {
  const fields = kubernetesFields(type);
  if (fields === undefined || value === null || isTemplate(value)) return;
  if (!isJsonObject(value)) {
    findings.error("bad-value", path, `${place(path)} must be a map (Kubernetes' ${type}), not ${kindOf(value)}`);
    return;
  }
  for (const [name, field] of Object.entries(value)) {
    const of = fields.get(name);
    if (of === undefined) unknownField(name, [...path, name], type, fields.keys(), findings);
    else if (of.endsWith("[]")) checkList(field, of.slice(0, -2), [...path, name], findings);
    else checkFields(field, of, [...path, name], findings);
  }
}

function checkList(value: Json, type: string, path: Path, findings: Findings): void {
  if (value === null || isTemplate(value)) return;
  if (!Array.isArray(value)) {
    findings.error("bad-value", path, `${place(path)} must be a list (of Kubernetes' ${type}), not ${kindOf(value)}`);
    return;
  }
  for (const [at, element] of value.entries()) {
    if (element === null) findings.error("bad-value", [...path, at], `${place(path)} has an empty element`);
    else checkFields(element, type, [...path, at], findings);
  }
}

/** Words that no later Kubernetes will take: what they mean, by the type they stand in. */
const SLIPS: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map([
  [
    "ResourceRequirements",
    new Map([
      ["cpu", "requests: { cpu: … }"],
      ["memory", "limits: { memory: … }"],
    ]),
  ],
  [
    "EnvVarSource",
    new Map([
      ["secret", "secretKeyRef"],
      ["secretRef", "secretKeyRef"],
      ["configMap", "configMapKeyRef"],
      ["configMapRef", "configMapKeyRef"],
    ]),
  ],
]);

function unknownField(name: string, path: Path, type: string, known: Iterable<string>, findings: Findings): void {
  if (name === "$patch" || findings.full) return;
  const near = SLIPS.get(type)?.get(name) ?? findings.suggest(name, known);
  const what = `${quote(name)} is not a field of Kubernetes' ${type}`;
  if (near === undefined) findings.warn("newer-field", path, `${what} as of 1.36; it is passed on`, { at: "key" });
  else {
    const instead = findings.surely(name, known);
    const fix = `did you mean ${quote(near)}?`;
    findings.error("unknown-field", path, what, { at: "key", fix, ...(instead !== undefined && { instead }) });
  }
}

function place(path: Path): string {
  const names = path.filter((step) => typeof step === "string");
  return quote(names.at(-1) ?? "");
}

/** What Slipway itself asks of `pod`; the rest is the API server's to judge. */
export function checkPod(pod: JsonObject, path: Path, findings: Findings): void {
  checkFields(pod, "PodSpec", path, findings);
  const restart = own(pod, "restartPolicy");
  if (restart !== undefined && restart !== null && restart !== "Never" && !isTemplate(restart)) {
    findings.error("bad-value", [...path, "restartPolicy"], "`restartPolicy` can only be Never", {
      fix: "leave it out; `retries` makes a new pod for every try",
    });
  }
  if (own(pod, "ephemeralContainers") !== undefined) {
    findings.error(
      "bad-value",
      [...path, "ephemeralContainers"],
      "a pod cannot be created with `ephemeralContainers`",
      {
        at: "key",
      },
    );
  }
  for (const list of ["containers", "initContainers"]) checkContainers(own(pod, list), [...path, list], findings);
}

function checkContainers(list: Json | undefined, path: Path, findings: Findings): void {
  if (!Array.isArray(list)) return;
  for (const [at, container] of list.entries()) {
    if (!isJsonObject(container)) continue;
    const here = [...path, at];
    if (typeof own(container, "name") !== "string") {
      findings.error("missing-field", here, "a container has no `name`", {
        fix: "name it; the task's own container is `main`, or what `mainContainer` says",
      });
    }
    checkImage(own(container, "image"), [...here, "image"], findings);
    checkEnv(own(container, "env"), [...here, "env"], findings);
  }
}

/** An image reference that no cluster could pull is refused before a pod is made. */
export function checkImage(image: Json | undefined, path: Path, findings: Findings): void {
  if (image === undefined || image === null || isTemplate(image)) return;
  if (typeof image !== "string") {
    findings.error("bad-value", path, `\`image\` must be text, not ${kindOf(image)}`);
    return;
  }
  const wrong = imageProblem(image);
  if (wrong === undefined) return;
  const more = wrong.fix === undefined ? {} : { fix: `write ${quote(wrong.fix)}` };
  findings.error("image-reference", path, `the image reference ${quote(image)} ${wrong.why}`, more);
}

/** Kubernetes takes printable ASCII but `=` (IsEnvVarName, relaxed); what a shell cannot name is still an honest name. */
const ENV_NAME = /^[\x20-\x3c\x3e-\x7e]{1,253}$/;

/** Names of env variables, and that each has one source; never its value in the text. */
export function checkEnv(env: Json | undefined, path: Path, findings: Findings): void {
  if (!Array.isArray(env)) return;
  for (const [at, variable] of env.entries()) {
    if (!isJsonObject(variable)) continue;
    const name = own(variable, "name");
    const here = [...path, at];
    if (typeof name !== "string" || !ENV_NAME.test(name) || isTemplate(name)) {
      const said = typeof name === "string" ? ` ${quote(name)}` : "";
      findings.error("bad-name", here, `the name${said} of an env variable is not valid`, {
        at: "key",
        fix: "use letters, digits and `_`, and begin with no digit",
      });
    }
    if (own(variable, "value") !== undefined && own(variable, "valueFrom") !== undefined) {
      findings.error("bad-value", here, "an env variable has both `value` and `valueFrom`", {
        fix: "keep one of them",
      });
    }
  }
}

const LABEL_NAME = /^[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/;
const DNS_SUBDOMAIN = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;

/** Labels and annotations: names and label values by Kubernetes' rules; `slipway.dev/` is Slipway's own. */
export function checkMetadata(metadata: JsonObject, path: Path, findings: Findings): void {
  for (const kind of ["labels", "annotations"]) {
    const map = own(metadata, kind);
    if (!isJsonObject(map)) continue;
    for (const [name, value] of Object.entries(map)) {
      const here = [...path, kind, name];
      checkLabelName(name, kind, here, findings);
      if (kind === "labels") checkLabelValue(value, here, findings);
    }
  }
}

function checkLabelName(key: string, kind: string, path: Path, findings: Findings): void {
  const slash = key.indexOf("/");
  const prefix = slash === -1 ? undefined : key.slice(0, slash);
  const valid = LABEL_NAME.test(key.slice(slash + 1)) && (prefix === undefined || DNS_SUBDOMAIN.test(prefix));
  if (!valid) {
    findings.error("bad-name", path, `${quote(key)} is not a valid name of ${kind}`, {
      at: "key",
      fix: "write [PREFIX/]NAME: at most 63 letters, digits, `-`, `_`, `.`, a letter or digit at both ends",
    });
  } else if (prefix === "slipway.dev" || prefix?.endsWith(".slipway.dev") === true) {
    findings.error("bad-name", path, `${kind} under ${listed(["slipway.dev/"])} are Slipway's own`, {
      at: "key",
      fix: "choose another prefix",
    });
  }
}

function checkLabelValue(value: Json, path: Path, findings: Findings): void {
  if (typeof value !== "string" || value === "" || isTemplate(value) || LABEL_NAME.test(value)) return;
  findings.error("bad-value", path, "the value of a label is not one that Kubernetes takes", {
    fix: "at most 63 letters, digits, `-`, `_`, `.`, a letter or digit at both ends; longer text goes to `annotations`",
  });
}
