import { FRAME_HEADERS } from "./frame.ts";
import type { Finder } from "./finder.ts";
import { fromHeaderText } from "./header-text.ts";
import type { StoredMessage } from "./message.ts";

/**
 * The chain of the newest message of `filter`: where a workflow id is used again, the run that uses it now. undefined:
 * there is none yet.
 */
export async function newestChain(finder: Finder, filter: string): Promise<string | undefined> {
  return chainOf(await finder.last(filter));
}

export function chainOf(message: StoredMessage | undefined): string | undefined {
  return fromHeaderText(message?.header(FRAME_HEADERS.chain) ?? "") || undefined;
}
