/**
 * Every outside name that derives from the installation (one Slipway; default `slipway`).
 * Queues, streams, subjects and one label's value: nothing else builds them.
 */
export interface InstallationNames {
  /** Temporal task queue of workflows, `prepareRun` and the event publisher. */
  readonly taskQueue: string;
  /** Of those who listen for a message that a `wait` waits for. */
  readonly messageQueue: string;
  readonly subjectRoot: string;
  readonly logStream: string;
  readonly eventStream: string;
  readonly dagBucket: string;
  /** Of the object store with large outputs. */
  readonly outputBucket: string;
}

export const DEFAULT_INSTALLATION = "slipway";
export const DEFAULT_CLUSTER = "default";

const INSTALLATION = /^[a-z][a-z0-9-]{0,39}$/;

export function isInstallation(text: string): boolean {
  return INSTALLATION.test(text);
}

export function installationNames(installation: string): InstallationNames {
  if (!isInstallation(installation)) throw new RangeError(`not an installation name: ${JSON.stringify(installation)}`);
  const upper = installation.toUpperCase().replaceAll("-", "_");
  return {
    taskQueue: installation,
    messageQueue: `${installation}-messages`,
    subjectRoot: installation,
    logStream: `${upper}_LOGS`,
    eventStream: `${upper}_EVENTS`,
    dagBucket: `${upper}_DAGS`,
    outputBucket: `${upper}_OUTPUTS`,
  };
}

/** Temporal task queue of the activity `runPod` and `releasePods` for one cluster. */
export function podsTaskQueue(installation: string, cluster: string = DEFAULT_CLUSTER): string {
  return `${installation}-pods-${cluster}`;
}
