import { networkInterfaces } from "node:os";

/** The host's links that have an address in the pods' network: the host ends of the pods' veth pairs. */
export function linksIn(podNet: string): string[] {
  const links = Object.entries(networkInterfaces());
  const own = links.filter(([, list]) => (list ?? []).some((entry) => entry.address.startsWith(`${podNet}.`)));
  return own.map(([name]) => name);
}
