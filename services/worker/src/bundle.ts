import { createHash, randomUUID } from "node:crypto";
import { globSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleWorkflowCode } from "@temporalio/worker";
import type { Logger } from "pino";
import { temporalLog } from "./log.ts";

/** The workflow code as one script. */
export interface WorkflowCode {
  readonly code: string;
}

const CACHE = fileURLToPath(new URL("../node_modules/.cache/workflows/", import.meta.url));

/**
 * Made once for the code that is here, then read: making it takes some seconds of both cores and 200 MB, which a worker would
 * keep. Where nothing can be written it is made at each start.
 */
export async function bundleWorkflows(log: Logger, cache: string = CACHE): Promise<WorkflowCode> {
  const workflowsPath = fileURLToPath(import.meta.resolve("@slipway/run/workflows"));
  const file = join(cache, `${contentKey(workflowsPath)}.js`);
  const known = read(file);
  if (known !== undefined) return { code: known };
  const { code } = await bundleWorkflowCode({ workflowsPath, logger: temporalLog(log.child({}, { level: "warn" })) });
  keep(file, code, log);
  return { code };
}

/** Of everything that goes in: our sources, and the manifests that pin what they import. */
function contentKey(workflowsPath: string): string {
  const dag = fileURLToPath(import.meta.resolve("@slipway/dag"));
  const hash = createHash("sha256");
  for (const source of [dirname(workflowsPath), dirname(dag)]) {
    for (const name of globSync(["**/*.{ts,js}", "../package.json"], { cwd: source }).toSorted())
      hash
        .update(`${name}\0`)
        .update(readFileSync(join(source, name)))
        .update("\0");
  }
  return hash.digest("hex").slice(0, 32);
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

/** Whole or not at all, since several workers may start at once; the scripts of other sources, and of broken tries, go. */
function keep(file: string, code: string, log: Logger): void {
  const folder = dirname(file);
  const made = join(folder, `${randomUUID()}.js`);
  try {
    mkdirSync(folder, { recursive: true });
    for (const old of globSync("*.js", { cwd: folder })) rmSync(join(folder, old), { force: true });
    writeFileSync(made, code);
    renameSync(made, file);
  } catch (error) {
    log.debug({ error }, "the workflow code was not kept; it is made again at the next start");
  }
}
