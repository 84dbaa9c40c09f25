import { existsSync, readdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { holdsWithin } from "../core/wait.ts";

/** The kubelet's cgroup `kubepods`, under every controller of cgroup v1 or in the one tree of v2. */
export function kubepods(root = "/sys/fs/cgroup"): string[] {
  if (!existsSync(root)) return [];
  const trees = [root, ...readdirSync(root).map((name) => join(root, name))];
  return trees.map((tree) => join(tree, "kubepods")).filter((path) => existsSync(path));
}

/** Removes them, deepest first; answers how many. To be called when no process is in one. */
export async function removeCgroups(): Promise<number> {
  let removed = 0;
  const removeTree = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true }))
      if (entry.isDirectory()) removeTree(join(folder, entry.name));
    try {
      rmdirSync(folder);
      removed++;
    } catch {
      // a process of it is still ending: the next round gets it
    }
  };
  await holdsWithin("the pods' cgroups to empty", 10_000, () => {
    for (const folder of kubepods()) removeTree(folder);
    return kubepods().length === 0;
  });
  return removed;
}
