import { copyFileSync, chmodSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StackError } from "../core/error.ts";
import { runTool } from "../core/tool.ts";

const toolLimitMs = 5 * 60_000;

/** Every file below `folder` with what changes when it changes: the input of {@link tarChanges}. */
export async function fingerprint(folder: string, signal?: AbortSignal): Promise<ReadonlyMap<string, string>> {
  const out = await runTool("find", [folder, "-mindepth", "1", "-printf", "%P\\t%y %m %s %T@ %C@\\n"], {
    timeoutMs: toolLimitMs,
    signal,
  });
  const found = new Map<string, string>();
  for (const line of out.split("\n")) {
    const [path, state] = line.split("\t");
    if (path !== undefined && path !== "" && state !== undefined) found.set(path, state);
  }
  return found;
}

const tarFlags = ["--numeric-owner", "--sort=name", "--mtime=@0", "--one-file-system"];

/** All of `folder` as a tar; what a runtime mounts over (dev, proc, sys) stays empty. */
export async function tarFolder(folder: string, file: string, signal?: AbortSignal): Promise<void> {
  const without = ["./dev/*", "./proc/*", "./sys/*", "./run/*"].map((path) => `--exclude=${path}`);
  await runTool("tar", ["-C", folder, ...tarFlags, ...without, "-cf", file, "."], { timeoutMs: toolLimitMs, signal });
}

/** What is new or different in `folder` since `before`, as a layer's tar. Removed files are not told: there are none here. */
export async function tarChanges(
  folder: string,
  before: ReadonlyMap<string, string>,
  file: string,
  signal?: AbortSignal,
): Promise<void> {
  const after = await fingerprint(folder, signal);
  const changed = [...after].filter(([path, state]) => before.get(path) !== state).map(([path]) => path);
  const wanted = changed.filter((path) => !/^(dev|proc|sys|run)\//.test(path));
  await runTool("tar", ["-C", folder, ...tarFlags, "--no-recursion", "--null", "-T", "-", "-cf", file], {
    timeoutMs: toolLimitMs,
    signal,
    input: wanted.join("\0"),
  });
}

/** A root of nothing but busybox and a link per applet, from the package without installing it. */
export async function busyboxRoot(work: string, signal?: AbortSignal): Promise<string> {
  const download = join(work, "busybox-package");
  mkdirSync(download);
  await runTool("apt-get", ["download", "-q", "busybox-static"], {
    timeoutMs: toolLimitMs,
    cwd: download,
    signal,
    fix: "run apt-get update, then repeat",
  });
  const [archive] = readdirSync(download).filter((name) => name.endsWith(".deb"));
  await runTool("dpkg-deb", ["-x", join(download, archive ?? "missing.deb"), download], {
    timeoutMs: toolLimitMs,
    signal,
  });
  const program = ["bin/busybox", "usr/bin/busybox"]
    .map((path) => join(download, path))
    .find((path) => existsSync(path));
  if (program === undefined) {
    throw new StackError("StackToolFailed", {
      what: "no busybox in its package",
      why: "neither bin nor usr/bin has it",
      fix: "report this",
    });
  }
  const root = join(work, "busybox");
  for (const folder of ["bin", "usr/bin", "usr/sbin", "sbin", "etc", "tmp", "root", "proc", "sys", "dev"]) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  chmodSync(join(root, "tmp"), 0o1777);
  copyFileSync(program, join(root, "bin", "busybox"));
  chmodSync(join(root, "bin", "busybox"), 0o755);
  const applets = (await runTool(program, ["--list"], { timeoutMs: 10_000, signal }))
    .split("\n")
    .filter((name) => /^\S+$/.test(name));
  for (const applet of applets) if (applet !== "busybox") symlinkSync("busybox", join(root, "bin", applet));
  symlinkSync("/bin/env", join(root, "usr", "bin", "env"));
  writeFileSync(
    join(root, "etc", "passwd"),
    "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n",
  );
  writeFileSync(join(root, "etc", "group"), "root:x:0:\nnogroup:x:65534:\n");
  return root;
}
