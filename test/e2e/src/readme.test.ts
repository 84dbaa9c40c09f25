/** The commands of README.md, as a reader would type them, on a fleet of the test's own. */
import { readFileSync } from "node:fs";
import { sharedFleet } from "@slipway/testbed";
import { expect, test } from "vitest";

/** Commands of plain `sh` blocks; blocks that need servers or a host of one's own say so behind the fence. */
function commands(): string[][] {
  const blocks = [...readFileSync("README.md", "utf8").matchAll(/^```sh\n([\s\S]*?)^```/gm)];
  return blocks.flatMap(([, text = ""]) => text.trim().split("\n")).map((line) => line.split(" "));
}

const fleet = sharedFleet();

test("readme - every command does what it says", async () => {
  const lines = commands();
  expect(lines.length).toBeGreaterThan(8);
  for (const [npx, slipway, verb = "", ...args] of lines) {
    expect([npx, slipway]).toEqual(["npx", "slipway"]);
    const { code, stdout, stderr } = await fleet.run(verb, ...args);
    expect({ verb, code, stderr: code === 0 || verb === "wait" ? "" : stderr }).toEqual({
      verb,
      code: verb === "wait" ? 3 : 0,
      stderr: "",
    });
    expect(stdout, verb).not.toBe(verb === "lint" || verb === "wait" ? undefined : "");
  }
}, 240_000);
