/** The composition root: connects the three servers, and serves the workflows and activities. */
export { runWorker } from "./run-worker.ts";
export type { WorkerSettings } from "./settings.ts";
