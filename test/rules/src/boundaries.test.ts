/** The walls of the house, read from the source itself. ARCHITECTURE.md's dependency table must say the same. */
import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

interface Workspace {
  readonly folder: string;
  readonly name: string;
  readonly dependencies: readonly string[];
  /** For its tests alone: no part of the house's shape. */
  readonly devDependencies: readonly string[];
}

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

function workspaces(): Workspace[] {
  return globSync("{workflows,activities,services,deploy,test}/*/package.json")
    .sort()
    .map((file) => {
      const { name, dependencies = {}, devDependencies = {} }: Manifest = JSON.parse(readFileSync(file, "utf8"));
      return {
        folder: file.replace("/package.json", ""),
        name,
        dependencies: Object.keys(dependencies),
        devDependencies: Object.keys(devDependencies),
      };
    });
}

function sources(folder: string): string[] {
  return globSync(`${folder}/**/*.ts`, { exclude: ["**/node_modules/**"] });
}

const IMPORT = /^(?:import|export)( type)?\b[^;]*?from "([^"]+)";|^import "([^"]+)";|\bimport\("([^"]+)"\)/gm;

function specifiers(text: string): string[] {
  return [...text.matchAll(IMPORT)].map(([, , from, bare, dynamic]) => from ?? bare ?? dynamic ?? "");
}

/** Package names a workspace's source imports, with whether all of its imports of them are types only. */
function imports(folder: string, tests = false): Map<string, { typesOnly: boolean }> {
  const found = new Map<string, { typesOnly: boolean }>();
  for (const file of sources(folder)) {
    if (!tests && (file.endsWith(".test.ts") || file.includes("/it/"))) continue;
    for (const [, kind, from, bare, dynamic] of readFileSync(file, "utf8").matchAll(IMPORT)) {
      const specifier = from ?? bare ?? dynamic ?? ".";
      if (specifier.startsWith(".")) continue;
      const name = specifier
        .split("/")
        .slice(0, specifier.startsWith("@") ? 2 : 1)
        .join("/");
      const typesOnly = kind === " type" && (found.get(name)?.typesOnly ?? true);
      found.set(name, { typesOnly });
    }
  }
  return found;
}

/** Who may import whom inside the house. `types`: type imports only. */
const MAY: Record<string, Record<string, "all" | "types">> = {
  "@slipway/dag": {},
  "@slipway/run": { "@slipway/dag": "all" },
  "@slipway/pods": { "@slipway/dag": "all", "@slipway/run": "types" },
  "@slipway/streams": { "@slipway/dag": "all", "@slipway/run": "types" },
  "@slipway/expressions": { "@slipway/dag": "all" },
  "@slipway/worker": {
    "@slipway/dag": "all",
    "@slipway/expressions": "all",
    "@slipway/run": "all",
    "@slipway/pods": "all",
    "@slipway/streams": "all",
  },
  "@slipway/client": { "@slipway/dag": "all", "@slipway/run": "all", "@slipway/streams": "all" },
  "@slipway/local": {},
  "@slipway/cli": {
    "@slipway/dag": "all",
    "@slipway/client": "all",
    "@slipway/worker": "all",
    "@slipway/local": "all",
    "@slipway/pods": "all",
  },
};

test("boundaries - imports inside the house go one way", () => {
  const breaches = workspaces().flatMap(({ name, folder }) => {
    const may = MAY[name];
    if (may === undefined) return [];
    return [...imports(folder)].flatMap(([other, { typesOnly }]) => {
      if (!other.startsWith("@slipway/") || other === name) return [];
      const allowed = may[other] === "all" || (may[other] === "types" && typesOnly);
      return allowed ? [] : [`${name} imports ${other}`];
    });
  });
  expect(breaches).toEqual([]);
});

test("boundaries - no file imports past the edge of its workspace", () => {
  const breaches = workspaces().flatMap(({ folder }) =>
    sources(folder).flatMap((file) =>
      specifiers(readFileSync(file, "utf8"))
        .filter((specifier) => specifier.startsWith("."))
        .filter((specifier) => !join(dirname(file), specifier).startsWith(`${folder}/`))
        .map((specifier) => `${file} imports ${specifier}`),
    ),
  );
  expect(breaches.filter((breach) => !breach.startsWith("test/rules/"))).toEqual([]);
});

/** Code without its comments. */
function code(file: string): string {
  return readFileSync(file, "utf8").replaceAll(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$/gm, "");
}

test("boundaries - dag and run name no Node, no clock, no randomness", () => {
  const forbidden =
    /\b(process|Buffer|setTimeout|setInterval|fetch|performance|crypto)\b\s*[.(]|\bnew Date\b(?!\([^)])|\bDate\.(?!UTC\b)|\bMath\.random\b|\bMath\[|\brandom\b[^;]*= Math\b|\bglobalThis\b|\.format\(\)|"node:/;
  const files = globSync("workflows/*/src/**/*.ts").filter((file) => !file.endsWith(".test.ts"));
  expect(files.length).toBeGreaterThan(20);
  expect(files.filter((file) => forbidden.test(code(file)))).toEqual([]);
  const samples = [
    "const t = Date.now();",
    "const t = new Date();",
    "new Date",
    'import fs from "node:fs";',
    "Math.random()",
    "const { random } = Math;",
    "new globalThis.Date()",
  ];
  expect(samples.filter((line) => !forbidden.test(line))).toEqual([]);
});

test("boundaries - activities do not read the environment: services give them what they need", () => {
  const files = globSync("activities/*/src/**/*.ts").filter((file) => !file.endsWith(".test.ts"));
  expect(files.length).toBeGreaterThan(20);
  expect(files.filter((file) => /\bprocess\.env\b/.test(code(file)))).toEqual([]);
});

test("boundaries - what runs before npm ci imports nothing but Node and itself", () => {
  for (const file of ["deploy/local/bootstrap.mjs", "services/cli/bin/slipway.js", "services/cli/bin/choose-node.js"]) {
    const foreign = specifiers(readFileSync(file, "utf8")).filter(
      (name) => !name.startsWith("node:") && !name.startsWith("./"),
    );
    expect({ file, foreign }).toEqual({ file, foreign: [] });
  }
});

test("boundaries - workflow code reaches neither YAML, zod nor CEL", () => {
  const reached = new Set<string>();
  const open = ["workflows/run/src/workflows.ts", "workflows/dag/src/index.ts"];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (reached.has(file)) continue;
    reached.add(file);
    const folder = file.slice(0, file.lastIndexOf("/"));
    for (const [, specifier = ""] of readFileSync(file, "utf8").matchAll(
      /^(?:import|export)(?! type)[^;]*?from "([^"]+)";/gm,
    )) {
      if (specifier.startsWith("./")) open.push(`${folder}/${specifier.slice(2)}`);
      else reached.add(specifier);
    }
  }
  expect([...reached].filter((name) => ["yaml", "zod", "@marcbachmann/cel-js"].includes(name))).toEqual([]);
});

test("boundaries - every import is declared, every declared one is in ARCHITECTURE.md's table", () => {
  const table = readFileSync("ARCHITECTURE.md", "utf8");
  for (const { name, folder, dependencies, devDependencies } of workspaces()) {
    const used = [...imports(folder, true).keys()].filter((other) => !other.startsWith("node:") && other !== name);
    const shared = ["vitest", "fast-check", ...devDependencies];
    expect({
      name,
      undeclared: used.filter((other) => !dependencies.includes(other) && !shared.includes(other)),
    }).toEqual({ name, undeclared: [] });
    const row = table.split("\n").find((line) => line.includes(`\`${name}\``) && line.startsWith("|"));
    const inside = dependencies
      .filter((other) => other.startsWith("@slipway/"))
      .map((other) => other.replace("@slipway/", ""));
    const cell = row?.split("|")[3]?.trim();
    expect({ name, uses: cell }).toEqual({ name, uses: inside.sort().join(", ") || "–" });
  }
});
