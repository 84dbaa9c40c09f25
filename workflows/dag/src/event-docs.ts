import type { EventType } from "./events.ts";

/** What each event says, in one sentence: for docs/reference/events.md and `slipway explain`. */
export const EVENT_DOCS: Readonly<Record<EventType, string>> = {
  "run.started": "The run begins: its DAG is checked and compiled.",
  "run.paused": "Somebody paused the run: nothing new starts.",
  "run.resumed": "Somebody had the run go on.",
  "run.changed": "Somebody set params of the run for what has not begun.",
  "run.finished": "Every task has settled and every pod is released.",
  "task.waiting": "The task, or the run, is held up by something that is not its upstreams; the reason says by what.",
  "task.cleared": "Somebody took the task's settled state back, so that it is decided anew.",
  "task.skipped": "The task does not run: it was skipped, or an upstream failed.",
  "task.finished": "The task has settled, after its last attempt.",
  "attempt.created": "The pod is made.",
  "attempt.scheduled": "The pod has a node.",
  "attempt.blocked": "Something is in the pod's way; once for each of Kubernetes' reasons.",
  "attempt.started": "The main container runs.",
  "attempt.finished": "The attempt has ended, and how.",
  "pod.deleted": "The pod is gone.",
  "pod.unreachable": "The pod's node is silent: the pod may still run, and is not deleted by force.",
  "log.gap": "Lines of a container may be missing here, and why.",
  "log.ended": "A container's log is read to its end: how much it was, and whether all of it is there.",
};
