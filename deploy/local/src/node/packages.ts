import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { StackError } from "../core/error.ts";
import { asStep, type Progress } from "../core/progress.ts";
import { runTool } from "../core/tool.ts";

/** A package of Debian and Ubuntu, and what shows that it is there. */
interface SystemPackage {
  readonly name: string;
  readonly use: string;
  readonly present: () => boolean;
}

const systemPath = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];
const cniFolders = ["/usr/lib/cni", "/opt/cni/bin", "/usr/libexec/cni"];

/** Finds a program on PATH or in the system's own folders. */
export function findProgram(name: string, path: string = process.env["PATH"] ?? ""): string | undefined {
  const folders = [...path.split(delimiter).filter((folder) => folder !== ""), ...systemPath];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The folder with the CNI plugins that the node uses, or undefined. */
export function cniFolder(): string | undefined {
  return cniFolders.find((folder) =>
    ["ptp", "host-local", "loopback"].every((plugin) => existsSync(join(folder, plugin))),
  );
}

const program = (name: string, use: string, file = name): SystemPackage => ({
  name,
  use,
  present: () => findProgram(file) !== undefined,
});

const forNode: readonly SystemPackage[] = [
  program("runc", "starts containers"),
  { name: "containernetworking-plugins", use: "the pods' network", present: () => cniFolder() !== undefined },
  program("openssl", "the cluster's certificates"),
  program("iproute2", "cleans the pods' links", "ip"),
  program("iptables", "the pods' way out of the host"),
  program("mount", "cleans the pods' mounts", "umount"),
];
const forImages: readonly SystemPackage[] = [
  program("debootstrap", "the sample images"),
  program("tar", "the sample images"),
  program("dpkg", "the sample images", "dpkg-deb"),
];

export function missingPackages(withImages: boolean): { name: string; use: string }[] {
  return [...forNode, ...(withImages ? forImages : [])]
    .filter((entry) => !entry.present())
    .map(({ name, use }) => ({ name, use }));
}

/** Installs what is missing where apt is at hand; elsewhere stops with the list. */
export async function ensurePackages(withImages: boolean, log: Progress, signal?: AbortSignal): Promise<void> {
  const missing = missingPackages(withImages);
  if (missing.length === 0) return;
  const names = missing.map((entry) => entry.name);
  const list = missing.map((entry) => `${entry.name} (${entry.use})`).join(", ");
  if (findProgram("apt-get") === undefined) {
    throw new StackError("StackNoPackages", {
      what: "system packages are missing",
      why: `the local Kubernetes node needs ${list}`,
      fix: "install them with this system's package manager, or use a cluster of yours with --context NAME",
    });
  }
  log.note(`installing system packages: ${list}`);
  await asStep(log, `install ${names.join(", ")}`, async (step) => {
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    const onLine = (line: string): void => step.say(line);
    const fix = `install them yourself (apt-get install ${names.join(" ")}), then repeat`;
    const lockWait = ["-o", "DPkg::Lock::Timeout=120"];
    await runTool("apt-get", ["update", "-q", ...lockWait], { timeoutMs: 10 * 60_000, env, signal, onLine, fix });
    await runTool("apt-get", ["install", "-y", "-q", "--no-install-recommends", ...lockWait, ...names], {
      timeoutMs: 20 * 60_000,
      env,
      signal,
      onLine,
      fix,
    });
  });
}
