import { createHash, randomUUID } from "node:crypto";
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheFolder, requireDisk } from "../build/cache.ts";
import { ensureBuilt, programFolder } from "../build/build.ts";
import { withLock } from "../core/lock.ts";
import { asStep, type Progress, type Step } from "../core/progress.ts";
import { runTool } from "../core/tool.ts";
import { addPython, debootstrap, hostAptSource } from "./debian.ts";
import { goArchitecture, type Layer, packLayer, writeLayout } from "./oci.ts";
import { busyboxRoot, fingerprint, tarChanges, tarFolder } from "./rootfs.ts";

/** The images of the loopback registry, each an OCI layout of this name in the cache. */
export const imageTags = { python: "python:3", debian: "debian:12", busybox: "busybox:1", pause: "pause:1" } as const;

const path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const needMb = 1500;

/** The folder of the images, named by a hash of the recipe: the two files that decide their content. */
export function imageFolder(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  const hash = createHash("sha256").update(goArchitecture());
  for (const file of ["debian.ts", "rootfs.ts"]) hash.update(readFileSync(join(here, file)));
  hash.update(programFolder("pause").slice(-12));
  return join(cacheFolder(), "images", hash.digest("hex").slice(0, 12));
}

export const imagesBuilt = (): boolean => existsSync(imageFolder());

/** Makes the images once; resolves with their folder. Needs root (chroot) and the host's apt. */
export async function ensureImages(log: Progress, signal?: AbortSignal): Promise<string> {
  const target = imageFolder();
  if (existsSync(target)) return target;
  await ensureBuilt(["pause"], { log, signal });
  requireDisk(cacheFolder(), needMb, "the sample images");
  await asStep(log, "make the sample images (Debian, Python, busybox)", async (step) => {
    const purpose = "making the sample images";
    const folder = join(cacheFolder(), "locks", "images");
    const onWait = (owner: { pid: number }): void =>
      step.say(`process ${owner.pid} makes them already; waiting for that`);
    await withLock({ folder, purpose, timeoutMs: 40 * 60_000, signal, onWait }, async () => {
      if (!existsSync(target)) await make(target, step, signal);
    });
  });
  return target;
}

async function make(target: string, step: Step, signal: AbortSignal | undefined): Promise<void> {
  const scratch = join(cacheFolder(), "tmp");
  mkdirSync(scratch, { recursive: true });
  for (const entry of readdirSync(scratch)) {
    if (entry.startsWith("images~")) rmSync(join(scratch, entry), { recursive: true, force: true }); // of a killed run
  }
  const work = join(scratch, `images~${randomUUID()}`);
  const output = join(work, "output");
  mkdirSync(output, { recursive: true });
  chmodSync(work, 0o755); // apt inside the new root runs as a user of its own
  try {
    const layers = await makeLayers(work, step, signal);
    step.say("writing the images");
    writeLayout(join(output, "python"), [layers.base, layers.python], { env: [path] });
    writeLayout(join(output, "debian"), [layers.base], { env: [path] });
    writeLayout(join(output, "busybox"), [layers.busybox], { env: [path] });
    writeLayout(join(output, "pause"), [layers.pause], { env: [path], entrypoint: ["/pause"] });
    mkdirSync(dirname(target), { recursive: true });
    renameSync(output, target);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

type Layers = Readonly<Record<"base" | "python" | "busybox" | "pause", Layer>>;

async function makeLayers(work: string, step: Step, signal: AbortSignal | undefined): Promise<Layers> {
  const source = await hostAptSource(signal);
  const root = join(work, "debian");
  const tar = join(work, "layer.tar");
  const pack = async (): Promise<Layer> => await packLayer(tar, join(work, "layers"));

  await debootstrap(root, source, step, signal);
  const before = await fingerprint(root, signal);
  await tarFolder(root, tar, signal);
  const base = await pack();

  await addPython(root, step, signal);
  await tarChanges(root, before, tar, signal);
  const python = await pack();

  await tarFolder(await busyboxRoot(work, signal), tar, signal);
  const busybox = await pack();

  const pauseRoot = join(work, "pause");
  mkdirSync(pauseRoot);
  copyFileSync(join(programFolder("pause"), "pause"), join(pauseRoot, "pause"));
  chmodSync(join(pauseRoot, "pause"), 0o755);
  await tarFolder(pauseRoot, tar, signal);
  return { base, python, busybox, pause: await pack() };
}

/** Pushes every image to the registry at `address`; layers that it has already are not sent again. */
export async function pushImages(crane: string, address: string, folder: string, signal?: AbortSignal): Promise<void> {
  for (const [name, tag] of Object.entries(imageTags)) {
    await runTool(crane, ["push", join(folder, name), `${address}/${tag}`, "--insecure"], {
      timeoutMs: 120_000,
      signal,
    });
  }
}
