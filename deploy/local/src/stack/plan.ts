import { unbuilt } from "../build/build.ts";
import { cacheFolder, requireDisk } from "../build/cache.ts";
import { requireGo } from "../build/go.ts";
import { recipes, type ServerName } from "../build/recipes.ts";
import { tryTool } from "../core/tool.ts";
import { imagesBuilt } from "../images/images.ts";
import { nodeRuns, nodeServers } from "../node/bring-up.ts";
import { requireNodeHost } from "../node/host.ts";

import { findProgram, missingPackages } from "../node/packages.ts";
import { nodePaths } from "../node/paths.ts";
import type { UpOptions } from "./options.ts";

type Source =
  | { readonly from: "given"; readonly at: string }
  | { readonly from: "path"; readonly program: string }
  | { readonly from: "built" };

/** Where each server comes from, and what must be built for it. Decided before anything is started. */
export interface StackPlan {
  readonly temporal: Source;
  readonly nats: Source;
  readonly kubernetes: { readonly from: "given"; readonly context: string } | { readonly from: "local" };
  /** Servers and tools needed, built or not. */
  readonly needs: readonly ServerName[];
  /** Progress steps to come. */
  readonly steps: number;
}

/** Addresses given > programs on PATH > pinned builds. */
export async function planStack(options: UpOptions): Promise<StackPlan> {
  const temporal = await sourceOf(options.temporal, "temporal", /temporal version/);
  const nats = await sourceOf(options.nats, "nats-server", /nats-server: v/);
  const kubernetes =
    options.context === undefined ? { from: "local" as const } : { from: "given" as const, context: options.context };
  const startNode = kubernetes.from === "local" && !nodeRuns(nodePaths());
  const wantsCli = findProgram("nats") === undefined && (nats.from === "built" || kubernetes.from === "local");
  const needs: ServerName[] = [];
  if (nats.from === "built") needs.push("nats-server");
  if (wantsCli) needs.push("nats-cli");
  if (temporal.from === "built") needs.push("temporal-server", "temporal-ui");
  if (startNode) needs.push(...nodeServers);
  const extra = startNode ? Number(!imagesBuilt()) + Number(missingPackages(!imagesBuilt()).length > 0) : 0;
  const starts =
    Number(temporal.from !== "given") +
    Number(temporal.from === "built") +
    Number(nats.from !== "given") +
    Number(kubernetes.from === "local");
  return { temporal, nats, kubernetes, needs, steps: unbuilt(needs).length + extra + starts };
}

async function sourceOf(given: string | undefined, program: string, version: RegExp): Promise<Source> {
  if (given !== undefined) return { from: "given", at: given };
  const found = findProgram(program);
  if (found === undefined) return { from: "built" };
  const said = await tryTool(found, ["--version"], { timeoutMs: 15_000 });
  return version.test(said ?? "") ? { from: "path", program: found } : { from: "built" };
}

/** Stops before anything is half done: no root, no Go, no disk. */
export async function checkPlan(plan: StackPlan, signal?: AbortSignal): Promise<void> {
  if (plan.kubernetes.from === "local") requireNodeHost();
  const todo = unbuilt(plan.needs);
  const images = plan.needs.includes("pause") && !imagesBuilt() ? 1500 : 0;
  const need = todo.reduce((sum, name) => sum + recipes[name].needMb, images);
  if (need > 0) requireDisk(cacheFolder(), need, "building the servers and images");
  if (todo.length > 0) await requireGo(signal);
}
