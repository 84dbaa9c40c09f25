import { z } from "zod";
import type { World } from "./world.ts";

export const whoFlags = {
  by: z.string().max(100).exactOptional(),
  note: z.string().max(500).exactOptional(),
};

/** Who asks, and why: flag, else the user that the shell names. */
export function whoOf(
  { by, note }: { readonly by?: string; readonly note?: string },
  { env }: Pick<World, "env">,
): { readonly by?: string; readonly note?: string } {
  const name = by ?? env["USER"]?.slice(0, 100);
  return { ...(name && { by: name }), ...(note !== undefined && { note }) };
}
