import { patched } from "@temporalio/workflow";

export interface Patch {
  /** The release that has it first. */
  readonly since: string;
  /** What commands are given otherwise, and why. */
  readonly why: string;
}

/**
 * Changes to what commands a workflow gives, or to their order, which runs that began before must not see. How one comes, and
 * how it goes: docs/decisions/0025.
 */
export const PATCHES = {
  "set-params-told": {
    since: "0.1.0",
    why: "params that are set in an open run are told by the event run.changed; before, no event told of them",
  },
  "told-while-let-go": {
    since: "0.1.0",
    why: "what a control adds while pods are let go (an event) is carried away at once; before, it waited for ever, and so did the run",
  },
} as const satisfies Readonly<Record<string, Patch>>;

/** Whether this run has the change. Asked at the place of the change alone: the answer is written into the history. */
export function has(patch: keyof typeof PATCHES): boolean {
  return patched(patch);
}
