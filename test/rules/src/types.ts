/**
 * Type-checks the house: once as a whole, with Node's types, and each workspace of workflows/ alone, without them: that
 * is a wall. (Every workspace has a tsconfig of its own for editors.)
 */
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";

const projects = ["tsconfig.json", ...globSync("workflows/*/tsconfig.json").sort()];
const failed = projects.filter((project) => {
  const { status } = spawnSync("tsc", ["-p", project], { stdio: "inherit", timeout: 120_000 });
  return status !== 0;
});
for (const project of failed) process.stderr.write(`types: ${project} failed\n`);
process.exit(failed.length === 0 ? 0 : 1);
