import { readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { reasonOf, StackError } from "../core/error.ts";
import type { Progress } from "../core/progress.ts";

const otherWays = "use a cluster of yours instead: --context NAME (kind, k3d, a cloud's), which needs no root";

/** Stops where no node can run: another system than Linux, another user than root. */
export function requireNodeHost(): void {
  if (process.platform !== "linux") {
    throw new StackError("StackUnsupported", {
      what: "the local Kubernetes node cannot run here",
      why: `it needs Linux, and this is ${process.platform}`,
      fix: otherWays,
    });
  }
  if (!isRoot()) {
    throw new StackError("StackNoRoot", {
      what: "the local Kubernetes node cannot be started",
      why: "starting containers on this host needs root, and this user is not root",
      fix: `run the command as root (sudo), or ${otherWays}`,
    });
  }
}

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** One process of /proc: its pid, its arguments. */
export interface SeenProcess {
  readonly pid: number;
  readonly args: readonly string[];
}

/** Every process that can be seen, kernel threads left out. */
export function processes(): SeenProcess[] {
  const seen: SeenProcess[] = [];
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const args = readFileSync(join("/proc", entry, "cmdline"), "utf8")
        .split("\0")
        .slice(0, -1);
      if (args.length > 0) seen.push({ pid: Number(entry), args });
    } catch {
      // it ended meanwhile
    }
  }
  return seen;
}

const kubeletNames = /(^|\/)(kubelet|kubelite|k3s|k3s-server|rke2)$/;

/**
 * A kubelet of somebody else that manages this host's own pods. One inside a container (kind, k3d) has another mount
 * namespace and another cgroup root, and is no trouble.
 */
export function foreignKubelet(ours: ReadonlySet<number>): SeenProcess | undefined {
  const here = readlinkSync("/proc/self/ns/mnt");
  return processes().find(({ pid, args }) => {
    if (ours.has(pid) || !kubeletNames.test(args[0] ?? "")) return false;
    try {
      return readlinkSync(`/proc/${pid}/ns/mnt`) === here;
    } catch {
      return false;
    }
  });
}

/** Stops when such a kubelet runs: two on one host destroy each other's pods. */
export function refuseForeignKubelet(ours: ReadonlySet<number>): void {
  const other = foreignKubelet(ours);
  if (other === undefined) return;
  throw new StackError("StackForeignKubelet", {
    what: "another kubelet runs on this host",
    why: `process ${other.pid} (${other.args[0] ?? ""}) manages this host's pods, and two kubelets remove each other's`,
    fix: "use that cluster with --context NAME, or stop it first",
  });
}

const inotifyFile = "/proc/sys/fs/inotify/max_user_instances";
const inotifyWanted = 8192;

/** Each followed log takes one inotify instance in the kubelet; the usual limit is 128. */
export function raiseInotify(log: Progress): void {
  try {
    const now = Number(readFileSync(inotifyFile, "utf8"));
    if (now >= inotifyWanted) return;
    writeFileSync(inotifyFile, `${inotifyWanted}\n`);
    log.note(`raised fs.inotify.max_user_instances from ${now} to ${inotifyWanted} (each followed log takes one)`);
  } catch (error) {
    log.note(
      `could not raise fs.inotify.max_user_instances (${reasonOf(error)}): following many logs at once may fail`,
    );
  }
}
