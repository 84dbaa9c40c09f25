/** Of the fields of approvals and waits those that are given their value when the task begins. */
export const HELD_TEXTS: ReadonlySet<string> = new Set([
  "approve.message",
  "wait.for",
  "wait.until",
  "wait.event.subject",
]);
