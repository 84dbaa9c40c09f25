import { utf8Length } from "@slipway/dag";
import { log, workflowInfo } from "@temporalio/workflow";
import type { Carried } from "./ports.ts";

/** Bytes of JSON that one hop hands to the next; Temporal terminates a run whose continue-as-new is above 2 MB (limit.blobSize). */
const CARRIED_BYTES = 1_800_000;
/** After what was carried was too large, this many more events until it is tried again. */
const AGAIN = 4_000;

/** When a history is long enough to continue as new; a run has no other reason to. */
export class HistoryBudget {
  #events: number;

  constructor(events: number) {
    this.#events = events;
  }

  get spent(): boolean {
    return workflowInfo().historyLength >= this.#events;
  }

  /** Where it does not fit, the run goes on in this history, and is asked again later. */
  fits(carried: Carried): boolean {
    const bytes = utf8Length(JSON.stringify(carried));
    if (bytes <= CARRIED_BYTES) return true;
    this.#events = workflowInfo().historyLength + AGAIN;
    log.warn("the run is too large to continue as new; it goes on in this history", { bytes, limit: CARRIED_BYTES });
    return false;
  }
}
