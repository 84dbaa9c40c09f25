import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StackError } from "../core/error.ts";
import type { Step } from "../core/progress.ts";
import { runTool, tryTool } from "../core/tool.ts";

/** Where the host's own apt gets its packages, and which release the image is made of. */
export interface AptSource {
  readonly mirror: string;
  readonly suite: string;
}

const aptLimitMs = 15 * 60_000;
const quiet: NodeJS.ProcessEnv = {
  DEBIAN_FRONTEND: "noninteractive",
  LC_ALL: "C",
  PATH: "/usr/sbin:/usr/bin:/sbin:/bin",
};

/** Debian hosts give Debian 12; an Ubuntu mirror has only Ubuntu, so there the host's own release. */
export function imageSuite(osRelease: string): { suite: string; like: string } {
  const field = (name: string): string => new RegExp(`^${name}="?([^"\\n]*)"?$`, "m").exec(osRelease)?.[1] ?? "";
  const like = field("ID");
  return { suite: like === "debian" ? "bookworm" : field("VERSION_CODENAME"), like };
}

/** Picks the mirror of component main from `apt-get indextargets` lines "URI RELEASE COMPONENT". */
export function chooseMirror(lines: string, hostRelease: string): string | undefined {
  for (const line of lines.split("\n")) {
    const [uri, release, component] = line.trim().split(/\s+/);
    if (uri !== undefined && release === hostRelease && component === "main") return uri.replace(/\/$/, "");
  }
  return undefined;
}

export async function hostAptSource(signal?: AbortSignal): Promise<AptSource> {
  const osRelease = existsSync("/etc/os-release") ? readFileSync("/etc/os-release", "utf8") : "";
  const { suite } = imageSuite(osRelease);
  const hostRelease = /^VERSION_CODENAME="?([^"\n]*)"?$/m.exec(osRelease)?.[1] ?? suite;
  const format = "$(REPO_URI) $(RELEASE) $(COMPONENT)";
  const lines = await tryTool("apt-get", ["indextargets", "--format", format, "Created-By: Packages"], {
    timeoutMs: 30_000,
    signal,
  });
  const mirror = chooseMirror(lines ?? "", hostRelease);
  if (mirror !== undefined) return { mirror, suite };
  throw new StackError("StackUnsupported", {
    what: "the sample images cannot be made",
    why: `apt on this host names no source of ${hostRelease} main`,
    fix: "add the distribution's own source to apt, or use a cluster of yours with --context NAME",
  });
}

/** Makes a small Debian in `folder`. */
export async function debootstrap(folder: string, source: AptSource, step: Step, signal?: AbortSignal): Promise<void> {
  const args = ["--variant=minbase", "--include=ca-certificates", source.suite, folder, source.mirror];
  await runTool("debootstrap", args, {
    timeoutMs: aptLimitMs,
    env: quiet,
    signal,
    onLine: (line) => step.say(line),
    fix: "see the lines above: the distribution's mirror must be reachable",
  });
  trim(folder);
}

/** Adds Python to the Debian in `folder`, and the name `python`. */
export async function addPython(folder: string, step: Step, signal?: AbortSignal): Promise<void> {
  const resolv = join(folder, "etc", "resolv.conf");
  rmSync(resolv, { force: true });
  if (existsSync("/etc/resolv.conf")) copyFileSync("/etc/resolv.conf", resolv);
  const chroot = async (...command: string[]): Promise<void> => {
    await runTool("chroot", [folder, ...command], {
      timeoutMs: aptLimitMs,
      env: quiet,
      signal,
      onLine: (line) => step.say(line),
    });
  };
  await chroot("apt-get", "update", "-q");
  await chroot("apt-get", "install", "-y", "-q", "--no-install-recommends", "python3-minimal", "libpython3-stdlib");
  symlinkSync("python3", join(folder, "usr", "bin", "python"));
  trim(folder);
}

/** Removes what a container never reads: package lists, documentation, translations; and the host's resolver. */
function trim(folder: string): void {
  const empty = [
    "var/lib/apt/lists",
    "var/cache/apt",
    "var/log",
    "usr/share/doc",
    "usr/share/man",
    "usr/share/locale",
    "usr/share/info",
  ];
  for (const path of empty) {
    const full = join(folder, path);
    if (!existsSync(full)) continue;
    for (const entry of readdirSync(full)) rmSync(join(full, entry), { recursive: true, force: true });
  }
  rmSync(join(folder, "etc", "resolv.conf"), { force: true });
  writeFileSync(join(folder, "etc", "hostname"), "localhost\n");
}
