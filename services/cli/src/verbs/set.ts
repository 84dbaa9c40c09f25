import { z } from "zod";
import type { Call } from "../call.ts";
import type { ExitCode } from "../exit-code.ts";
import { usageError } from "../failure.ts";
import { paramFlags, readFlags } from "../flags.ts";
import { readParams } from "../params.ts";
import { control } from "./control.ts";

const Flags = z.object(paramFlags);

/** The worker reads the texts by the declared types: this side has no DAG at hand. */
export async function run(call: Call): Promise<ExitCode> {
  const params = readParams(undefined, readFlags(Flags, call.flags), call.world.cwd);
  if (Object.keys(params).length === 0) throw usageError("no param is given", "`slipway set RUN -p name=value`");
  return await control(call, "setParams", "params set in", { params });
}
