import type { Holder, PoolAnswer, PoolMessage, PoolRef, PoolState } from "@slipway/dag";

/** What a pool's workflow is started with, and what one hop of it hands to the next. */
export interface PoolInput {
  readonly installation: string;
  readonly pool: PoolRef;
  readonly slots: number;
  /** Milliseconds between two looks for holders that are gone. */
  readonly checkMs: number;
  /** Events of one history after which it continues as new. */
  readonly historyEvents: number;
  readonly state?: PoolState;
  /** See keep-pool.ts. */
  readonly suspects?: Readonly<Record<string, number | null>>;
}

/** The signal with which a pool tells a run. */
export interface PoolNews {
  readonly pool: PoolRef;
  readonly answers: readonly PoolAnswer[];
}

type Unstamped<Message> = Message extends { readonly since: string } ? Omit<Message, "since"> : Message;

/** A message to a pool, from a workflow that has no clock. */
export interface PoolLetter {
  readonly pool: PoolRef;
  /** Slots of a pool that its holders size themselves. */
  readonly slots?: number;
  readonly message: Unstamped<PoolMessage>;
}

/** Served on the installation's queue. */
export interface PoolActivities {
  /** Tells each pool its messages, in order; starts those that are not there. */
  readonly tellPools: (input: { readonly letters: readonly PoolLetter[] }) => Promise<void>;
}

/** Served on the queue of the holders' cluster. */
export interface HolderActivities {
  /** Of these the ones, by position, that nobody waits for and no pod of which may run. In doubt none. */
  readonly findLost: (input: { readonly claims: readonly HolderClaim[] }) => Promise<readonly number[]>;
}

/** `left`: its holder has given it back, only its pod is looked for. */
export interface HolderClaim {
  readonly holder: Holder;
  readonly left?: true;
}
