import fc from "fast-check";
import { expect, test } from "vitest";
import { isJsonObject, type Json, type JsonObject } from "./json.ts";
import { strategicMerge } from "./strategic-merge.ts";

/** Cases of Kubernetes' own strategic merge (staging/src/k8s.io/apimachinery/pkg/util/strategicpatch), and of dag-format §3.4. */
const CASES: readonly (readonly [string, JsonObject, JsonObject, JsonObject])[] = [
  ["maps by key", { a: { x: 1, y: 2 } }, { a: { y: 3, z: 4 } }, { a: { x: 1, y: 3, z: 4 } }],
  ["null removes", { a: 1, b: { c: 2, d: 3 } }, { a: null, b: { c: null } }, { b: { d: 3 } }],
  ["a null for nothing leaves nothing", {}, { a: null, b: { c: null } }, { b: {} }],
  ["other lists are replaced whole", { command: ["a", "b"] }, { command: ["c"] }, { command: ["c"] }],
  [
    "tolerations too",
    { tolerations: [{ key: "a" }] },
    { tolerations: [{ key: "b" }] },
    { tolerations: [{ key: "b" }] },
  ],
  ["a list over a map", { a: { b: 1 } }, { a: [1] }, { a: [1] }],
  ["a map over a scalar", { a: 1 }, { a: { b: 1 } }, { a: { b: 1 } }],
  [
    "containers by name, in order, new ones last",
    {
      containers: [
        { name: "x", image: "1" },
        { name: "y", image: "2" },
      ],
    },
    { containers: [{ name: "z" }, { name: "x", tty: true }] },
    { containers: [{ name: "x", image: "1", tty: true }, { name: "y", image: "2" }, { name: "z" }] },
  ],
  [
    "$patch: delete removes an element",
    {
      env: [
        { name: "A", value: "1" },
        { name: "B", value: "2" },
      ],
    },
    {
      env: [
        { name: "A", $patch: "delete" },
        { name: "C", $patch: "delete" },
      ],
    },
    { env: [{ name: "B", value: "2" }] },
  ],
  [
    "an env variable has one source",
    { env: [{ name: "A", value: "1" }] },
    { env: [{ name: "A", valueFrom: { secretKeyRef: { name: "s", key: "k" } } }] },
    { env: [{ name: "A", valueFrom: { secretKeyRef: { name: "s", key: "k" } } }] },
  ],
  [
    "a volume has one source: another replaces it",
    { volumes: [{ name: "v", emptyDir: { medium: "Memory" } }] },
    { volumes: [{ name: "v", configMap: { name: "c" } }] },
    { volumes: [{ name: "v", configMap: { name: "c" } }] },
  ],
  [
    "a volume has one source: the same is merged",
    { volumes: [{ name: "v", emptyDir: { medium: "Memory" } }] },
    { volumes: [{ name: "v", emptyDir: { sizeLimit: "1Gi" } }] },
    { volumes: [{ name: "v", emptyDir: { medium: "Memory", sizeLimit: "1Gi" } }] },
  ],
  [
    "volumeMounts by mountPath",
    { volumeMounts: [{ mountPath: "/a", name: "x" }] },
    {
      volumeMounts: [
        { mountPath: "/a", readOnly: true },
        { mountPath: "/b", name: "x" },
      ],
    },
    {
      volumeMounts: [
        { mountPath: "/a", name: "x", readOnly: true },
        { mountPath: "/b", name: "x" },
      ],
    },
  ],
  [
    "ports by containerPort; two of one number both stay",
    {},
    {
      ports: [
        { containerPort: 53, protocol: "TCP" },
        { containerPort: 53, protocol: "UDP" },
      ],
    },
    {
      ports: [
        { containerPort: 53, protocol: "TCP" },
        { containerPort: 53, protocol: "UDP" },
      ],
    },
  ],
  [
    "names of JavaScript are ordinary",
    { labels: { a: "1" } },
    { labels: { constructor: "2" } },
    { labels: { a: "1", constructor: "2" } },
  ],
];

test.each(CASES)("strategicMerge - %s", (_name, base, over, merged) => {
  expect(strategicMerge(base, over)).toEqual(merged);
});

const scalar = fc.oneof(fc.integer(), fc.string({ maxLength: 5 }), fc.boolean());
const field = fc.constantFrom("a", "b", "command", "resources", "constructor");
const { object } = fc.letrec<{ object: JsonObject; list: Json; value: Json }>((tie) => ({
  value: fc.oneof({ depthSize: "small" }, scalar, fc.constant(null), tie("object"), tie("list")),
  list: fc.array(scalar, { maxLength: 3 }),
  object: fc.dictionary(field, tie("value"), { maxKeys: 4 }),
}));
const named = fc.uniqueArray(fc.record({ name: fc.constantFrom("x", "y", "z"), value: scalar }), {
  selector: ({ name }) => name,
});
const layer = fc.tuple(object, named).map(([fields, env]): JsonObject => ({ ...fields, env }));

function holdsNull(value: Json): boolean {
  return value === null || (isJsonObject(value) && Object.values(value).some(holdsNull));
}

test("strategicMerge - nothing is the identity on both sides, but for removals", () => {
  fc.assert(
    fc.property(layer, (a) => {
      const plain = strategicMerge({}, a);
      expect(strategicMerge(a, {})).toEqual(plain);
      expect(strategicMerge(plain, {})).toEqual(plain);
    }),
  );
});

test("strategicMerge - a layer over itself changes nothing", () => {
  fc.assert(
    fc.property(layer, (a) => {
      expect(strategicMerge(a, a)).toEqual(strategicMerge({}, a));
    }),
  );
});

/** A field has one type in every layer, as it has in Kubernetes. */
const typed = fc.record(
  {
    image: scalar,
    args: fc.array(scalar, { maxLength: 3 }),
    limits: fc.dictionary(field, scalar, { maxKeys: 3 }),
    env: named,
  },
  { requiredKeys: [] },
);

test("strategicMerge - layers that remove nothing may be grouped either way", () => {
  const whole = typed.map((each): JsonObject => ({ ...each }));
  fc.assert(
    fc.property(whole, whole, whole, (a, b, c) => {
      expect(strategicMerge(strategicMerge(a, b), c)).toEqual(strategicMerge(a, strategicMerge(b, c)));
    }),
  );
});

test("strategicMerge - no removal is left, and the upper scalar wins", () => {
  fc.assert(
    fc.property(layer, layer, (a, b) => {
      const merged = strategicMerge(a, b);
      expect(holdsNull(merged)).toBe(false);
      for (const [name, value] of Object.entries(b)) {
        if (typeof value !== "object") expect(merged[name]).toBe(value);
        if (value === null) expect(Object.hasOwn(merged, name)).toBe(false);
      }
    }),
  );
});
