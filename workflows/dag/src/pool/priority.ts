/** Words, since 1 is first in Temporal and last in Airflow and Kubernetes. */
export const PRIORITIES = ["highest", "high", "normal", "low", "lowest"] as const;

/** What counts where a task says nothing. */
export const NORMAL = 3;

/** Temporal's priorityKey: 1 goes first. A word that is none counts as normal. */
export function priorityKey(word: string): number {
  const at = PRIORITIES.findIndex((priority) => priority === word);
  return at < 0 ? NORMAL : at + 1;
}
