import { BaseSequencer, type TestSpecification } from "vitest/node";

/** A minute and more each. Where nothing is measured yet vitest goes by size, and these, which are small, would be left over. */
const LONGEST = [
  "test/e2e/src/examples.test.ts",
  "test/e2e/src/waiting.test.ts",
  "test/faults/src/numbered-lines.test.ts",
  "test/faults/src/api-server.test.ts",
  "test/faults/src/simulated-ends.test.ts",
  "test/scale/src/scale.test.ts",
  "test/faults/src/silent-node.test.ts",
  "test/faults/src/woken.test.ts",
  "test/faults/src/nats-away.test.ts",
  "test/faults/src/nats-gone.test.ts",
  "test/e2e/src/rerun.test.ts",
] as const;

/** The files that take longest begin, so that no worker has one left when the others are done. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const group = ({ project }: TestSpecification): number => project.config.sequence.groupOrder;
    return sorted.sort((a, b) => group(a) - group(b) || rank(a) - rank(b));
  }
}

function rank({ moduleId }: TestSpecification): number {
  const at = LONGEST.findIndex((file) => moduleId.endsWith(`/${file}`));
  return at === -1 ? LONGEST.length : at;
}
