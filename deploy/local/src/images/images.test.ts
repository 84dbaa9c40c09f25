import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { testFolder } from "../core/test-folder.ts";
import { chooseMirror, imageSuite } from "./debian.ts";
import { packLayer, writeLayout } from "./oci.ts";

test("debian - Debian 12 on any Debian, the host's own release on Ubuntu", () => {
  expect(imageSuite('ID=debian\nVERSION_CODENAME="trixie"\n').suite).toBe("bookworm");
  expect(imageSuite("ID=ubuntu\nVERSION_CODENAME=noble\n").suite).toBe("noble");
});

test("debian - the mirror is the host's own for component main", () => {
  const lines =
    "http://one.test/security/ bookworm-security main\nhttp://two.test/debian/ bookworm contrib\nhttp://three.test/debian/ bookworm main\n";
  expect(chooseMirror(lines, "bookworm")).toBe("http://three.test/debian");
  expect(chooseMirror(lines, "sid")).toBeUndefined();
});

test("oci - every digest in the layout is the one of its blob", async () => {
  const work = testFolder();
  const tar = join(work, "a.tar");
  writeFileSync(tar, "not really a tar");
  const layer = await packLayer(tar, join(work, "layers"));
  expect(gunzipSync(readFileSync(layer.file)).toString()).toBe("not really a tar");
  writeLayout(join(work, "image"), [layer], { env: ["PATH=/bin"] });
  const index = readFileSync(join(work, "image", "index.json"), "utf8");
  const blob = (digest: string): string => readFileSync(join(work, "image", "blobs", "sha256", digest), "utf8");
  const manifestDigest = /sha256:([0-9a-f]{64})/.exec(index)?.[1] ?? "";
  const manifest = blob(manifestDigest);
  for (const [, digest = ""] of manifest.matchAll(/sha256:([0-9a-f]{64})/g)) {
    const content = readFileSync(join(work, "image", "blobs", "sha256", digest));
    expect(createHash("sha256").update(content).digest("hex")).toBe(digest);
  }
  expect(manifest).toContain(layer.digest);
});
