import { fileURLToPath } from "node:url";

/** Everything outside the command: read once in main, handed down, replaced in tests. */
export interface World {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** The checkout that the command was started from: its local stack is used where no nearer one is. */
  readonly checkout: string;
  /** Data. */
  readonly out: Sink;
  /** Everything else: progress, hints, errors. */
  readonly err: Sink;
  /** From the call on, Ctrl-C aborts the signal in place of ending the process; a second one ends it with 130. */
  interruptible(): AbortSignal;
  now(): Date;
}

/** A stream of text. */
export interface Sink {
  write(text: string): void;
  readonly isTTY: boolean;
  /** Characters; 80 where the stream is no terminal. */
  readonly columns: number;
}

/** The process as a world. */
export function processWorld(): World {
  let signal: AbortSignal | undefined;
  return {
    env: process.env,
    cwd: process.cwd(),
    checkout: fileURLToPath(new URL("../../..", import.meta.url)),
    out: sinkOf(process.stdout),
    err: sinkOf(process.stderr),
    interruptible: () => (signal ??= onInterrupt()),
    now: () => new Date(),
  };
}

function sinkOf(stream: NodeJS.WriteStream): Sink {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    // `slipway logs … | head`: the reader has what it wanted.
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
  return {
    write: (text) => void stream.write(text),
    isTTY: stream.isTTY ?? false,
    // A terminal of unknown width says 0.
    columns: stream.columns > 0 ? stream.columns : 80,
  };
}

function onInterrupt(): AbortSignal {
  const controller = new AbortController();
  process.on("SIGINT", () => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
  });
  return controller.signal;
}
