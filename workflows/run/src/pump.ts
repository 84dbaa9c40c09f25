import { condition } from "@temporalio/workflow";

/** Carries items away in batches: at most `lanes` batches of at most `size` at once, in order within a lane. */
export class Pump<Item> {
  readonly #queue: Item[] = [];
  readonly #carry: (batch: Item[]) => Promise<void>;
  readonly #size: number;
  readonly #lanes: number;
  readonly #under = new Set<Item[]>();

  constructor(limits: { readonly size: number; readonly lanes: number }, carry: (batch: Item[]) => Promise<void>) {
    this.#size = limits.size;
    this.#lanes = limits.lanes;
    this.#carry = carry;
  }

  add(...items: Item[]): void {
    this.#queue.push(...items);
  }

  /** Starts as many batches as there are free lanes. Called once per round of the main loop, so a round makes one batch. */
  turn(): void {
    while (this.mayTurn) {
      const batch = this.#queue.splice(0, this.#size);
      this.#under.add(batch);
      void this.#carry(batch).finally(() => {
        this.#under.delete(batch);
        this.turn();
      });
    }
  }

  /** Something waits for its turn, and there is a lane for it. */
  get mayTurn(): boolean {
    return this.#under.size < this.#lanes && this.#queue.length > 0;
  }

  /** Takes back what waits. */
  drop(): Item[] {
    return this.#queue.splice(0);
  }

  /** What nobody has confirmed, in order: under way, and waiting. */
  get left(): Item[] {
    return [...[...this.#under].flat(), ...this.#queue];
  }

  get isEmpty(): boolean {
    return this.#under.size === 0 && this.#queue.length === 0;
  }

  /** Resolves when nothing is queued or under way. */
  async empty(): Promise<void> {
    this.turn();
    await condition(() => this.isEmpty);
  }
}
