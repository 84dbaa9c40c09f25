/** The composition root: connects the three servers, and serves the workflows and activities. */
export { bundleWorkflows } from "./bundle.ts";
export { runWorker } from "./run-worker.ts";
export type { WorkerSettings } from "./settings.ts";
