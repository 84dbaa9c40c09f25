import { type Command, start, type TestStack } from "@slipway/testbed";

/** Which pods of one installation there have ever been, whoever made and deleted them: a watch of the test's own. */
export interface PodCensus {
  /** uids of all pods of this task. */
  of(task: string): readonly string[];
  /** Throws where the watch broke: then not all were counted. */
  close(): Promise<void>;
}

export function countPods({ binaries, kubeconfig, context }: TestStack, installation: string): PodCensus {
  const columns = "TASK:.metadata.labels.slipway\\.dev/task,UID:.metadata.uid";
  const scope = ["--all-namespaces", `--selector=slipway.dev/installation=${installation}`];
  const watch: Command = start(
    binaries.kubectl,
    ["--context", context, "get", "pods", ...scope, "--watch", "--no-headers", `--output=custom-columns=${columns}`],
    { KUBECONFIG: kubeconfig },
  );
  return {
    of: (task) => {
      const lines = watch
        .stdout()
        .split("\n")
        .map((line) => line.split(/\s+/));
      return [...new Set(lines.flatMap(([name, uid]) => (name === task && uid !== undefined ? [uid] : [])))];
    },
    close: async () => {
      const broke = watch.child.exitCode !== null;
      await watch.stop();
      if (broke) throw new Error(`the pods were not counted to the end: ${watch.stderr()}`);
    },
  };
}
