import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { kubernetesFields } from "./read/kubernetes-fields.ts";

const sources = ["kubernetes-types/core/v1.d.ts", "kubernetes-types/meta/v1.d.ts"]
  .map((file) => fileURLToPath(import.meta.resolve(file)))
  .concat(fileURLToPath(new URL("builder-kubernetes.ts", import.meta.url)))
  .map((file) => readFileSync(file, "utf8"));

/** `Type.field` of every interface. */
const typed = new Set(
  sources.flatMap((source) =>
    [...source.matchAll(/^ *(?:export )?interface (\w+) \{$(.*?)^ *\}$/gms)].flatMap(([, type, body = ""]) =>
      [...body.matchAll(/^ +(\w+)\??:/gm)].map(([, field]) => `${type}.${field}`),
    ),
  ),
);

test("builder - every field of Kubernetes that lint knows has a type", () => {
  const types = new Set(["PodSpec", "Container"]);
  const fields: string[] = [];
  for (const type of types)
    for (const [field, of] of kubernetesFields(type) ?? []) {
      fields.push(`${type}.${field}`);
      if (of !== "") types.add(of.replace("[]", ""));
    }
  expect(fields).toContain("ContainerRestartRuleOnExitCodes.values");
  expect(fields.filter((field) => !typed.has(field))).toEqual([]);
});
