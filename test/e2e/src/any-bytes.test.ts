/** Whatever a container prints comes back as it was, line by line. */
import { sharedFleet } from "@slipway/testbed";
import { expect, test } from "vitest";

const fleet = sharedFleet();

const MIB = 1024 * 1024;
/** `2026-11-22T10:00:00.000000001Z ` */
const TIME_BYTES = 31;
const MANY = 100_000;
const SCRIPT = String.raw`
printf 'plain\n\n\n'
printf 'carriage\rreturn\r\n'
printf 'nul \000 bell \007 escape \033[31m\n'
printf 'no utf-8: \377\376, cut \303\n'
printf 'ümläut 😀 €\n'
head -c 1000000 /dev/zero | tr '\000' x; echo
yes € | tr -d '\n' | head -c 1500000; echo
seq 1 ${MANY}
printf 'no newline'
`;

async function logOf(
  script: string,
): Promise<{ texts: readonly unknown[]; numbers: readonly unknown[]; end: unknown }> {
  const handle = await fleet.temporal.workflow.start("runDag", {
    taskQueue: fleet.installation,
    workflowId: "dag/bytes/1",
    args: [
      {
        dag: {
          dag: "bytes",
          defaults: { namespace: fleet.namespace },
          tasks: { a: { image: "slipway.local/debian:12", command: ["sh", "-c", script] } },
        },
      },
    ],
  });
  await handle.result();
  const { stdout } = await fleet.run("logs", "bytes/1", "a", "-o", "json");
  const items = stdout
    .split("\n")
    .flatMap((line): Record<string, unknown>[] => (line === "" ? [] : [JSON.parse(line)]));
  const lines = items.filter(({ kind }) => kind === "line");
  const end = items.find(({ kind }) => kind === "end");
  return { texts: lines.map(({ text }) => text), numbers: lines.map(({ line }) => line), end };
}

/** A text that is one character again and again, as its length and that. */
function shortened(text: unknown): unknown {
  if (typeof text !== "string" || text.length < 1_000) return text;
  return /^(.)\1*$/u.test(text) ? `${text.length} ${text[0]}` : `${text.length} of several`;
}

test("any bytes - control characters, bytes that are no UTF-8, empty and huge lines, a hundred thousand at once, no last newline", async () => {
  const { texts, numbers, end } = await logOf(SCRIPT);
  // A line is at most 1 MiB together with its time; what is left is the next line, cut before a character.
  const cut = Math.floor((MIB - TIME_BYTES) / 3);
  expect(texts.slice(0, 10).map(shortened)).toEqual([
    "plain",
    "",
    "",
    // The runtime takes a carriage return before the newline for a part of it.
    "carriage\rreturn",
    "nul \0 bell \u0007 escape \u001b[31m",
    "no utf-8: \ufffd\ufffd, cut \ufffd",
    "ümläut 😀 €",
    "1000000 x",
    `${cut} €`,
    `${500_000 - cut} €`,
  ]);
  expect(texts.slice(10)).toEqual([...Array.from({ length: MANY }, (_, n) => String(n + 1)), "no newline"]);
  expect(numbers).toEqual(Array.from({ length: MANY + 11 }, (_, n) => n + 1));
  expect(end).toMatchObject({ lines: MANY + 11, complete: true });
});
