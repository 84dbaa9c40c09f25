import picocolors from "picocolors";
import type { Sink, World } from "./world.ts";

export type Style = ReturnType<typeof picocolors.createColors>;

/** NO_COLOR > FORCE_COLOR > TERM=dumb > is it a terminal (https://no-color.org). */
export function styleFor(env: World["env"], sink: Sink): Style {
  return picocolors.createColors(wantsColor(env, sink));
}

function wantsColor(env: World["env"], sink: Sink): boolean {
  if (env["NO_COLOR"] !== undefined && env["NO_COLOR"] !== "") return false;
  if (env["FORCE_COLOR"] !== undefined && env["FORCE_COLOR"] !== "") return env["FORCE_COLOR"] !== "0";
  return env["TERM"] !== "dumb" && sink.isTTY;
}

/** A state in its colour; the word itself stays, so nothing depends on the colour. */
export function paintState(style: Style, state: string, text: string = state): string {
  switch (state) {
    case "succeeded":
      return style.green(text);
    case "failed":
    case "upstream_failed":
      return style.red(text);
    case "running":
    case "retrying":
    case "paused":
      return style.yellow(text);
    case "cancelled":
    case "skipped":
    case "waiting":
    case "queued":
      return style.dim(text);
    default:
      return text;
  }
}

/** Text of others on one line of ours: white space folded, control characters (a terminal obeys them) replaced. */
export function oneLine(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return text.replaceAll(/\s+/g, " ").replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, "?");
}
