import { reasonOf } from "../core/error.ts";
import type { Progress } from "../core/progress.ts";
import { runTool, tryTool } from "../core/tool.ts";
import { findProgram } from "./packages.ts";

const comment = "slipway-local";

/** The rules that let pods reach out: masqueraded, and forwarded also where the host's own policy is to drop. */
export function natRules(podNet: string): { table: string; chain: string; rule: string[] }[] {
  const net = `${podNet}.0.0/16`;
  const mark = ["-m", "comment", "--comment", comment];
  return [
    { table: "nat", chain: "POSTROUTING", rule: ["-s", net, "!", "-d", net, ...mark, "-j", "MASQUERADE"] },
    { table: "filter", chain: "FORWARD", rule: ["-s", net, ...mark, "-j", "ACCEPT"] },
    { table: "filter", chain: "FORWARD", rule: ["-d", net, ...mark, "-j", "ACCEPT"] },
  ];
}

const limit = { timeoutMs: 15_000 };

/** Adds the rules. Without them pods still run, only they reach nothing outside: said, and no reason to stop. */
export async function addNat(podNet: string, log: Progress): Promise<void> {
  const iptables = findProgram("iptables");
  if (iptables === undefined) return log.note("iptables is missing: pods cannot reach anything outside this host");
  for (const { table, chain, rule } of natRules(podNet)) {
    const there = await tryTool(iptables, ["-w", "10", "-t", table, "-C", chain, ...rule], limit);
    if (there !== undefined) continue;
    try {
      await runTool(iptables, ["-w", "10", "-t", table, "-I", chain, "1", ...rule], limit);
    } catch (error) {
      return log.note(`no way out for pods: ${reasonOf(error).split("\n").slice(0, 2).join(" ")}`);
    }
  }
}

/** Removes the rules, as often as they are there. */
export async function removeNat(podNet: string): Promise<void> {
  const iptables = findProgram("iptables");
  if (iptables === undefined) return;
  for (const { table, chain, rule } of natRules(podNet)) {
    for (let tries = 0; tries < 10; tries++) {
      if ((await tryTool(iptables, ["-w", "10", "-t", table, "-D", chain, ...rule], limit)) === undefined) break;
    }
  }
}
