/**
 * The grammar of https://github.com/distribution/reference (what containerd and the kubelet parse): [HOST/]NAME[:TAG][@DIGEST].
 * Each expression is anchored and has one way to match, so its time is linear.
 */
const HOST =
  /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*(?::[0-9]+)?$|^\[[0-9a-fA-F:]+\](?::[0-9]+)?$/;
const COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const DIGEST = /^[A-Za-z][A-Za-z0-9]*(?:[+._-][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;

/** Why a text is no image reference and, where one can tell, what was meant; `undefined` where it is one. */
export function imageProblem(image: string): { readonly why: string; readonly fix?: string } | undefined {
  if (image.length > 512) return { why: "is longer than 512 characters" };
  if (image.trim() === "") return { why: "is empty" };
  if (/\s/.test(image)) return { why: "has a space in it" };
  if (/^[a-z]+:\/\//.test(image)) return { why: "is a URL", fix: image.replace(/^[a-z]+:\/\//, "") };
  const { host, name, tag, digest } = partsOf(image);
  if (digest !== undefined && !DIGEST.test(digest))
    return { why: "has a digest that is not `sha256:` and 64 hex digits" };
  if (tag !== undefined && !TAG.test(tag))
    return { why: "has a tag that is not valid (letters, digits, `_`, `.`, `-`; at most 128)" };
  if (host !== undefined && !HOST.test(host)) return { why: "has a registry host that is not valid" };
  return nameProblem(image, name, image.slice(image.length - rest(tag, digest)));
}

function nameProblem(
  image: string,
  name: string,
  tail: string,
): { readonly why: string; readonly fix?: string } | undefined {
  if (name === "") return { why: "has no name" };
  if (name.length > 255) return { why: "has a name longer than 255 characters" };
  if (name.split("/").every((part) => COMPONENT.test(part))) {
    return /^[a-f0-9]{64}$/.test(name) ? { why: "is the id of an image, not its name" } : undefined;
  }
  const lower = name.toLowerCase();
  if (!lower.split("/").every((part) => COMPONENT.test(part)))
    return { why: "has a name with characters it cannot have" };
  const head = image.slice(0, image.length - tail.length - name.length);
  return { why: "has upper case in its name", fix: `${head}${lower}${tail}` };
}

function rest(tag: string | undefined, digest: string | undefined): number {
  return (tag === undefined ? 0 : tag.length + 1) + (digest === undefined ? 0 : digest.length + 1);
}

interface Parts {
  readonly host: string | undefined;
  readonly name: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

/** The part before the first `/` is a host where it has a `.` or `:`, is `localhost`, or has upper case (splitDockerDomain). */
function partsOf(image: string): Parts {
  const at = image.indexOf("@");
  const digest = at === -1 ? undefined : image.slice(at + 1);
  const tagged = at === -1 ? image : image.slice(0, at);
  const colon = tagged.lastIndexOf(":");
  const hasTag = colon > tagged.lastIndexOf("/");
  const tag = hasTag ? tagged.slice(colon + 1) : undefined;
  const full = hasTag ? tagged.slice(0, colon) : tagged;
  const slash = full.indexOf("/");
  const first = slash === -1 ? "" : full.slice(0, slash);
  const isHost = slash !== -1 && (/[.:]/.test(first) || first === "localhost" || first.toLowerCase() !== first);
  return { host: isHost ? first : undefined, name: isHost ? full.slice(slash + 1) : full, tag, digest };
}
