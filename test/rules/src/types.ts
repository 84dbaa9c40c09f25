/** Type-checks every tsconfig of the house; each is a wall of its own (workflows see no Node types). */
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";

const projects = globSync("{workflows,activities,services,deploy,test,examples}/*/tsconfig*.json").sort();
const failed = projects.filter((project) => {
  const { status } = spawnSync("tsc", ["-p", project], { stdio: "inherit", timeout: 120_000 });
  return status !== 0;
});
for (const project of failed) process.stderr.write(`types: ${project} failed\n`);
process.exit(failed.length === 0 ? 0 : 1);
