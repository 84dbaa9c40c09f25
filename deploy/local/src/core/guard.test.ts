import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, test } from "vitest";
import { identify } from "./process-id.ts";

test("guard - a process dies with the one that guards it, even when that is killed", async () => {
  const code = `import { spawn } from "node:child_process";
    import { dieWithMe } from ${JSON.stringify(join(import.meta.dirname, "guard.ts"))};
    const [kept, freed] = [1, 2].map(() => spawn("sleep", ["60"], { detached: true, stdio: "ignore" }));
    dieWithMe(kept.pid);
    dieWithMe(freed.pid)();
    console.log(kept.pid, freed.pid);
    setInterval(() => undefined, 1000);`;
  const parent = spawn(process.execPath, ["--input-type=module", "-e", code], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(parent.stdout, "data");
  const [kept = 0, freed = 0] = String(line).trim().split(" ").map(Number);
  expect(identify(kept)).toBeDefined();
  parent.kill("SIGKILL");
  await expect.poll(() => identify(kept), { timeout: 5000 }).toBeUndefined();
  expect(identify(freed)).toBeDefined();
  process.kill(freed, "SIGKILL");
});
