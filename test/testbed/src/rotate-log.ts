import { execFile } from "node:child_process";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { V1Pod } from "@kubernetes/client-node";
import { ensureBuilt, nodePaths, programFolder, silent } from "@slipway/local";

const PATIENCE_MS = 15_000;

/** What rotates the logs of this host's node as its kubelet would: the file is renamed, the runtime opens a new one. */
export async function logRotator(): Promise<(pod: V1Pod, container: string) => Promise<void>> {
  await ensureBuilt(["reopen-log"], { log: silent });
  const program = join(programFolder("reopen-log"), "reopen-log");
  const { podLogs, containerdSocket } = nodePaths();
  let rotations = 0;
  return async ({ metadata, status }, container) => {
    const found = status?.containerStatuses?.find(({ name }) => name === container);
    const id = found?.containerID?.split("://")[1];
    if (found === undefined || id === undefined) throw new Error(`no container ${container} that runs`);
    const folder = `${metadata?.namespace}_${metadata?.name}_${metadata?.uid}`;
    const file = join(podLogs, folder, container, `${found.restartCount}.log`);
    await rename(file, `${file}.${rotations++}`);
    await promisify(execFile)(program, [containerdSocket, id], { timeout: PATIENCE_MS });
  };
}
