/** Why an image will not come, however long we wait; `undefined`: it may yet come, or nothing is wrong with it. */
export function explainImageError(image: string, reason: string, message: string): string | undefined {
  switch (reason) {
    case "InvalidImageName":
      return `image ${image} is not a valid reference${because(message)}`;
    case "ErrImageNeverPull":
      return `image ${image} is not on the node, and imagePullPolicy is Never`;
    case "ErrImagePull":
    case "ImagePullBackOff":
      return PASSING.test(wordsOf(message, image)) ? undefined : explainPull(image, wordsOf(message, image));
    default:
      return undefined;
  }
}

/** Faults of the network or a busy registry: the kubelet tries again, timeout.start bounds it. */
const PASSING =
  /no such host|temporary failure|i\/o timeout|timed? ?out|connection (refused|reset)|unexpected eof|tls handshake|network is unreachable|no route to host|deadline exceeded|too many requests|toomanyrequests|rate limit|quota|\b(429|500|502|503|504)\b/i;

/** What was said without the image's own name: `team/quota-service:500` is no quota and no server error. */
function wordsOf(message: string, image: string): string {
  const name = image.replace(/@.*$/, "").replace(/:[^/:]*$/, "");
  return [image, name]
    .filter(Boolean)
    .reduce((text, part) => text.replaceAll(part, "IMAGE"), message)
    .replaceAll(/IMAGE[:@][\w.:-]+/g, "IMAGE");
}

function explainPull(image: string, message: string): string | undefined {
  if (/unauthorized|authentication required|no basic auth/i.test(message))
    return `image ${image} may not be pulled: the registry asks for credentials`;
  if (/pull access denied|repository does not exist/i.test(message))
    return `image ${image} does not exist, or may not be pulled without credentials`;
  if (/denied|forbidden|\b403\b/i.test(message)) return `image ${image} may not be pulled: the registry refused access`;
  if (/no match for platform|no matching manifest|does not match the specified platform/i.test(message))
    return `image ${image} does not exist for this node's platform`;
  if (/not found|manifest unknown|name unknown|does not exist/i.test(message))
    return `image ${image} does not exist in its registry`;
  return undefined;
}

/** containerd: couldn't parse image name "X": invalid reference format: repository name (library/X) must be lowercase */
function because(message: string): string {
  const why = /invalid reference format:? ?(.*)$/.exec(message)?.[1]?.trim();
  return why ? `: ${why}` : "";
}
