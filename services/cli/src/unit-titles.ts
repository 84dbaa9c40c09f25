import type { RunRef, SlipwayClient } from "@slipway/client";
import { keysOf } from "./item-view.ts";

/** A task, or one item of it by its position: what logs and events say. */
interface Unit {
  readonly task: string;
  readonly index?: number;
}

/**
 * What the items of a run are called: the report has their keys, and is asked for only when an item comes up, once for each
 * task (its list is made once). An item whose key cannot be had is called by its position.
 */
export class UnitTitles {
  readonly #report: () => ReturnType<SlipwayClient["report"]>;
  readonly #known = new Set<string>();
  #title = keysOf({});

  constructor(client: Pick<SlipwayClient, "report">, run: RunRef) {
    this.#report = () => client.report(run);
  }

  async of({ task, index }: Unit): Promise<string> {
    if (index !== undefined && !this.#known.has(task)) await this.#learn(task);
    return this.#title(task, index);
  }

  async #learn(task: string): Promise<void> {
    this.#known.add(task);
    const answer = await this.#report().catch(() => undefined);
    if (answer === undefined) return;
    const { tasks } = answer.report;
    this.#title = keysOf(tasks);
    for (const [name, { items }] of Object.entries(tasks)) if (items !== undefined) this.#known.add(name);
  }
}
