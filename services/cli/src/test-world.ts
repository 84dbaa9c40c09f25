import { titleOf } from "./item-view.ts";
import type { UnitTitles } from "./unit-titles.ts";
import type { Sink, World } from "./world.ts";

/** A world for tests: no environment, no terminal, and what was written. */
export interface TestWorld extends World {
  readonly stdout: () => string;
  readonly stderr: () => string;
}

export function testWorld({
  env = {},
  cwd = "/",
  tty = false,
  columns = 80,
}: Partial<{ env: World["env"]; cwd: string; tty: boolean; columns: number }> = {}): TestWorld {
  const out = recorder(tty, columns);
  const err = recorder(tty, columns);
  const controller = new AbortController();
  return {
    env,
    cwd,
    checkout: "/nowhere",
    out: out.sink,
    err: err.sink,
    interruptible: () => controller.signal,
    now: () => new Date("2026-11-22T12:00:00Z"),
    stdout: out.text,
    stderr: err.text,
  };
}

function recorder(isTTY: boolean, columns: number): { sink: Sink; text: () => string } {
  const parts: string[] = [];
  return { sink: { write: (text) => void parts.push(text), isTTY, columns }, text: () => parts.join("") };
}

/** Of a run whose items are all called `eu`. */
export const TITLES: Pick<UnitTitles, "of"> = {
  of: async ({ task, index }) => titleOf(task, index === undefined ? undefined : "eu"),
};
