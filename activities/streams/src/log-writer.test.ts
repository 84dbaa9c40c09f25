import { advanceCursor, type LogCursor, LogFenced, type LogEnd } from "@slipway/dag";
import { expect, test } from "vitest";
import { Deadline } from "./backoff.ts";
import { Budget } from "./budget.ts";
import { LOG_START, type LogPlace } from "./frame.ts";
import type { Packed } from "./frame-pack.ts";
import type { Sent } from "./frame-publisher.ts";
import { aTime } from "./frame-samples.ts";
import { FrameWriter, LOG_LIMITS, type LogLimits } from "./log-writer.ts";

/** A publisher whose server can be shut; `sent` is what it took. */
class Gate {
  place: LogPlace = LOG_START;
  readonly sent: Packed[] = [];
  refuse: Error | undefined;
  ended: LogEnd | undefined;
  #open = Promise.withResolvers<void>();

  open(): void {
    this.#open.resolve();
  }

  async send<P extends Packed | undefined>(build: (place: LogPlace) => P): Promise<Sent<P>> {
    await this.#open.promise;
    if (this.refuse !== undefined) throw this.refuse;
    if (this.ended !== undefined) return { kind: "ended", end: this.ended };
    const packed = build(this.place);
    if (packed !== undefined) {
      this.sent.push(packed);
      this.place = packed.place;
    }
    return { kind: "sent", packed };
  }

  get texts(): readonly (readonly string[])[] {
    return this.sent.flatMap(({ content }) => (content.kind === "lines" ? [content.texts] : []));
  }
}

function aWriter(limits: Partial<LogLimits> = {}): { gate: Gate; writer: FrameWriter } {
  const gate = new Gate();
  return { gate, writer: new FrameWriter(gate, new Deadline(0), { ...LOG_LIMITS, ...limits }, undefined) };
}
const line = (text: string) => ({ time: aTime(0), text });

test("lines that come together leave together", async () => {
  const { gate, writer } = aWriter({ flushMs: 5 });
  gate.open();
  for (const text of ["a", "b", "c"]) await writer.write(line(text));
  await writer.close();
  expect(gate.texts).toEqual([["a", "b", "c"]]);
});

test("while nothing is taken, a full buffer makes write wait, and a fence lets it go", async () => {
  const { gate, writer } = aWriter({ bufferBytes: 10 });
  await writer.write(line("12345678"));
  const waits = writer.write(line("more"));
  const first = await Promise.race([waits.then(() => "written"), new Promise((done) => setImmediate(done, "waits"))]);
  expect(first).toBe("waits");
  gate.refuse = new LogFenced("later");
  gate.open();
  await expect(writer.close()).rejects.toThrow(LogFenced);
  await expect(waits).rejects.toThrow(LogFenced);
});

test("what all logs hold together is bounded: each keeps what it is about to send, and waits", async () => {
  const budget = new Budget(1_000);
  const gates = Array.from({ length: 5 }, () => new Gate());
  const writers = gates.map((gate) => new FrameWriter(gate, new Deadline(0), LOG_LIMITS, undefined, { budget }));
  let written = 0;
  const writing = writers.map(async (writer) => {
    for (let n = 0; n < 20; n += 1) {
      await writer.write(line("x".repeat(100)));
      written += 1;
    }
  });
  await new Promise((done) => setImmediate(done));
  // Five took one each; together they are over the budget, and it takes five lines more to say so at most.
  expect(written).toBeGreaterThanOrEqual(5);
  expect(written).toBeLessThanOrEqual(10);
  for (const gate of gates) gate.open();
  await Promise.all(writing);
  await Promise.all(writers.map((writer) => writer.close()));
  expect(gates.map(({ texts }) => texts.flat().length)).toEqual([20, 20, 20, 20, 20]);
  expect(budget.spent).toBe(false);
});

test("what another watcher published meanwhile is not sent again", async () => {
  const { gate, writer } = aWriter();
  for (const text of ["a", "b", "c", "d"]) await writer.write(line(text));
  gate.place = { ...LOG_START, line: 3, bytes: 4 };
  gate.open();
  await writer.write(line("e"));
  const end = await writer.end({ complete: true });
  expect(gate.texts).toEqual([["c", "d", "e"]]);
  expect(end).toEqual({ lines: 5, bytes: 10, complete: true });
});

test("a watcher that is behind drops lines until it has caught up", async () => {
  const { gate, writer } = aWriter();
  gate.place = { ...LOG_START, line: 4, bytes: 6 };
  gate.open();
  for (const text of ["a", "b", "c", "d"]) {
    await writer.write(line(text));
    await new Promise((done) => setTimeout(done, 0));
  }
  await writer.close();
  expect(gate.texts).toEqual([["d"]]);
});

test("a gap makes the log incomplete, whatever this watcher saw", async () => {
  const { gate, writer } = aWriter();
  gate.open();
  await writer.write(line("a"));
  await writer.gap({ reason: "rotated" });
  await writer.write(line("b"));
  expect(await writer.end({ complete: true })).toEqual({
    lines: 2,
    bytes: 4,
    complete: false,
    reason: "lines may be missing",
  });
  expect(gate.sent.map(({ content }) => content.kind)).toEqual(["lines", "gap", "lines", "end"]);
});

test("a line whose rest never came counts as one line, and the log is not complete", async () => {
  const { gate, writer } = aWriter();
  gate.place = { ...LOG_START, line: 3, offset: 10, bytes: 99 };
  gate.open();
  const end = { lines: 3, bytes: 99, complete: false, reason: "its last line was cut off" };
  expect(await writer.end({ complete: true })).toEqual(end);
  expect(gate.sent.at(-1)?.content).toMatchObject({ kind: "end", complete: false });
});

test("a log that somebody else has ended takes nothing more, and says so quietly", async () => {
  const { gate, writer } = aWriter();
  gate.ended = { lines: 9, bytes: 90, complete: true };
  gate.open();
  await writer.write(line("late"));
  await writer.close();
  await writer.write(line("later"));
  expect(await writer.end({ complete: true })).toEqual(gate.ended);
});

test("after close nothing is written", async () => {
  const { gate, writer } = aWriter();
  gate.open();
  await writer.close();
  await writer.close();
  await expect(writer.write(line("x"))).rejects.toThrow("closed");
});

test("a line is one line", async () => {
  const { writer } = aWriter();
  await expect(writer.write(line("a\nb"))).rejects.toThrow(RangeError);
});

test("what is taken out of a line never leaves, and the cursor stays the one of the line as the kubelet has it", async () => {
  const gate = new Gate();
  const redact = (text: string) => text.replaceAll(/hunter\d+/g, "[redacted]");
  const writer = new FrameWriter(gate, new Deadline(0), LOG_LIMITS, undefined, { redact });
  gate.open();
  const lines = [line("password hunter2"), line("x"), line("hunter22")];
  for (const each of lines) await writer.write(each);
  await writer.gap({ reason: "hunter3 was rotated" });
  const end = await writer.end({ complete: false, reason: "hunter4" });
  expect(end).toMatchObject({ lines: 3, reason: "[redacted]" });
  expect(JSON.stringify(gate.sent)).not.toContain("hunter");
  expect(gate.texts).toEqual([["password [redacted]", "x", "[redacted]"]]);
  const cursor = lines.reduce<LogCursor | undefined>(advanceCursor, undefined);
  expect(gate.place.cursor).toEqual(cursor);
});
