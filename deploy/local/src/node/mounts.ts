import { readFileSync } from "node:fs";

/** Mount points below `root` in a /proc/self/mountinfo text, deepest and latest first: the order to unmount in. */
export function mountPoints(mountinfo: string, root: string): string[] {
  const points: string[] = [];
  for (const line of mountinfo.split("\n")) {
    const escaped = line.split(" ")[4];
    if (escaped === undefined) continue;
    const point = escaped.replace(/\\([0-7]{3})/g, (_, octal: string) =>
      String.fromCharCode(Number.parseInt(octal, 8)),
    );
    if (point.startsWith(`${root}/`)) points.push(point);
  }
  return points.reverse();
}

/** What is mounted below `root` now. */
export function mountsBelow(root: string): string[] {
  return mountPoints(readFileSync("/proc/self/mountinfo", "utf8"), root);
}
