import { type CompiledDag, type Holder, NORMAL, runNeed } from "@slipway/dag";
import type { PreparedRun } from "@slipway/run";
import { messagesOf, type PoolLink } from "./pool-link.ts";

/** A run asks once; `leave` of the run names the same turn. */
const TURN = 1;

/**
 * Asks for the run's place among the active runs of its DAG: as an update, so that the answer costs one round trip. Where that has no
 * answer, the pool is told, and tells the run. Undefined: it may begin.
 */
export async function takeTurn(
  link: Pick<PoolLink, "ask" | "tell">,
  compiled: CompiledDag,
  holder: Holder,
  log: { info(message: string, more: object): void },
): Promise<PreparedRun["queued"]> {
  const need = runNeed(compiled);
  if (need === undefined) return undefined;
  const message = { kind: "request", holder, turn: TURN, slots: 1, priority: NORMAL } as const;
  const messages = messagesOf({ ...need, message }, new Date().toISOString());
  try {
    const [answer] = await link.ask(need.pool, messages, need.slots);
    if (answer === undefined) return {};
    return answer.place === undefined ? undefined : { place: answer.place };
  } catch (error) {
    log.info("the pool of a DAG's runs did not answer; it is told", { dag: compiled.dag, error });
    await link.tell(need.pool, messages, need.slots);
    return {};
  }
}
