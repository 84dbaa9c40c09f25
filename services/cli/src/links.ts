import { logFilter, runPage } from "@slipway/dag";
import type { RunRef } from "@slipway/client";
import type { Settings } from "./settings.ts";
import type { World } from "./world.ts";

/** Where to look further, each a line that can be copied. `ui` is absent where nobody said where Temporal's Web UI is. */
export interface Links {
  readonly ui?: string;
  readonly nats: string;
  readonly logs: string;
  readonly describe: string;
  readonly cancel: string;
  /** Lacks the task. */
  readonly approve: string;
}

/** How the command is called where it was called: npm and npx say so in the environment. */
export function commandName(env: World["env"]): string {
  return env["npm_config_user_agent"] === undefined ? "slipway" : "npx slipway";
}

/** `command`: as `commandName` gives it. */
export function linksOf(
  settings: Pick<Settings, "ui" | "installation" | "temporal">,
  run: RunRef,
  command = "slipway",
): Links {
  const { installation, ui, temporal } = settings;
  const namespace = temporal.namespace ?? "default";
  const subject = logFilter({ installation, dag: run.dag, run: run.run }).replace(/(\.\*)+$/, ".>");
  const name = /^[A-Za-z0-9@_./-]+$/.test(run.run) ? run.run : `'${run.run.replaceAll("'", "'\\''")}'`;
  return {
    ...(ui && { ui: runPage(ui, { ...run, namespace }) }),
    nats: `nats sub '${subject}'`,
    logs: `${command} logs ${name}`,
    describe: `${command} describe ${name}`,
    cancel: `${command} cancel ${name}`,
    approve: `${command} approve ${name}`,
  };
}

/** One line each, for a terminal. */
export function renderLinks({ ui, logs, nats, describe }: Links): string {
  const lines = [
    ["ui", ui],
    ["logs", `${logs} -f`],
    ["live", nats],
    ["report", describe],
  ] as const;
  return lines.flatMap(([name, link]) => (link === undefined ? [] : [`  ${name.padEnd(9)}  ${link}\n`])).join("");
}
