import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, linkSync, mkdirSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";

/** A compressed layer on disk, as an image's manifest and config name it. */
export interface Layer {
  readonly file: string;
  /** sha256 of the compressed bytes. */
  readonly digest: string;
  /** sha256 of the tar within. */
  readonly diffId: string;
  readonly size: number;
}

export interface ImageConfig {
  readonly env: readonly string[];
  readonly entrypoint?: readonly string[];
}

const sha256 = (content: string): string => createHash("sha256").update(content).digest("hex");

function hashing(): { stream: Transform; digest: () => string } {
  const hash = createHash("sha256");
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  return { stream, digest: () => hash.digest("hex") };
}

/** Compresses `tar` into `folder`, named by its digest. */
export async function packLayer(tar: string, folder: string): Promise<Layer> {
  mkdirSync(folder, { recursive: true });
  const [plain, packed] = [hashing(), hashing()];
  const temporary = join(folder, ".packing");
  await pipeline(
    createReadStream(tar),
    plain.stream,
    createGzip({ level: 6 }),
    packed.stream,
    createWriteStream(temporary),
  );
  const digest = packed.digest();
  const file = join(folder, digest);
  renameSync(temporary, file);
  return { file, digest, diffId: plain.digest(), size: statSync(file).size };
}

/** Writes one image as an OCI layout (image-spec 1.1) whose layers are hard links. */
export function writeLayout(folder: string, layers: readonly Layer[], image: ImageConfig): void {
  const blobs = join(folder, "blobs", "sha256");
  mkdirSync(blobs, { recursive: true });
  const put = (mediaType: string, value: unknown): { mediaType: string; digest: string; size: number } => {
    const content = JSON.stringify(value);
    const digest = sha256(content);
    writeFileSync(join(blobs, digest), content);
    return { mediaType, digest: `sha256:${digest}`, size: Buffer.byteLength(content) };
  };
  for (const layer of layers) linkSync(layer.file, join(blobs, layer.digest));
  const config = put("application/vnd.oci.image.config.v1+json", {
    architecture: goArchitecture(),
    os: "linux",
    config: { Env: image.env, ...(image.entrypoint === undefined ? {} : { Entrypoint: image.entrypoint }) },
    rootfs: { type: "layers", diff_ids: layers.map((layer) => `sha256:${layer.diffId}`) },
  });
  const manifest = put("application/vnd.oci.image.manifest.v1+json", {
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config,
    layers: layers.map((layer) => ({
      mediaType: "application/vnd.oci.image.layer.v1.tar+gzip",
      digest: `sha256:${layer.digest}`,
      size: layer.size,
    })),
  });
  writeFileSync(join(folder, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
  writeFileSync(join(folder, "index.json"), JSON.stringify({ schemaVersion: 2, manifests: [manifest] }));
}

/** This machine's architecture, in the words of Go and of image configs. */
export function goArchitecture(): string {
  return process.arch === "x64" ? "amd64" : process.arch;
}
