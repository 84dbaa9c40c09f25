import { type JsonObject, problem, SlipwayError } from "@slipway/dag";
import type { RerunInput } from "@slipway/run";
import { problemOf } from "./control.ts";
import type { TemporalLink } from "./temporal-link.ts";
import { type Controlled, readGoesOn } from "./wire.ts";

/** Milliseconds for a worker to answer: it has to replay the run first. */
const QUERY_MS = 15_000;

/** What a closed run makes of a control: what another run would run again, and with which params beside the first. */
export async function askClosedRun(
  link: TemporalLink,
  { workflowId, temporalRunId }: { readonly workflowId: string; readonly temporalRunId: string },
  control: RerunInput["control"],
): Promise<Controlled & { readonly params?: JsonObject }> {
  const handle = link.client.workflow.getHandle(workflowId, temporalRunId);
  const asked = { ...control, dryRun: true };
  const answer: unknown = await link
    .poll(() => handle.query("goesOn", asked), { timeoutMs: QUERY_MS })
    .catch((cause: unknown) => {
      if (cause instanceof SlipwayError) throw cause;
      const what = `no worker says how ${workflowId} ended${cause instanceof Error ? ` (${cause.message})` : ""}`;
      throw new SlipwayError([problem("no-worker", what)], { cause });
    });
  const read = readGoesOn(answer);
  if (read === undefined)
    throw new SlipwayError([problem("unexpected", `the answer of the worker of ${workflowId} was not understood`)]);
  if (read.kind === "refused") throw new SlipwayError([problemOf(read.problem)]);
  const { kind: _kind, ...told } = read;
  return told;
}
