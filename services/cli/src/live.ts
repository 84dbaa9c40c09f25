import { type Change, renderChange } from "./progress-line.ts";
import { type Style, styleFor } from "./style.ts";
import type { World } from "./world.ts";

/** Where the changes of a run are shown, on stderr. */
export interface Screen {
  readonly change: (change: Change) => void;
  /** A sentence that stays. */
  readonly note: (text: string) => void;
  /** Ends what is being redrawn; what is on it stays. */
  readonly close: () => void;
}

/** A table that is redrawn in place where asked for and stderr is a terminal; elsewhere one line per change. */
export function live(world: World, redraw: boolean): Screen {
  const style = styleFor(world.env, world.err);
  return redraw && world.err.isTTY ? redrawn(world, style) : scrolling(world, style);
}

function scrolling({ err }: World, style: Style): Screen {
  let width = 0;
  return {
    change: (change) => {
      width = Math.max(width, change.task?.length ?? 0);
      err.write(renderChange(style, change, width));
    },
    note: (text) => err.write(text),
    close: () => {},
  };
}

/** The newest change of each task, as many as fit a screen: cursor up, clear, print. */
function redrawn({ err }: World, style: Style): Screen {
  const newest = new Map<string, Change>();
  let height = 0;
  const draw = (): void => {
    const width = Math.max(0, ...[...newest.keys()].map((task) => task.length));
    const lines = [...newest.values()]
      .slice(-MOST_LINES)
      .map((change) => renderChange(style, shortened(change, err.columns - width - 14), width));
    err.write(`${height > 0 ? `\u001b[${height}A\u001b[0J` : ""}${lines.join("")}`);
    height = lines.length;
  };
  return {
    change: (change) => {
      newest.set(change.task ?? "", change);
      draw();
    },
    note: (text) => {
      err.write(text);
      height = 0;
    },
    close: () => {
      height = 0;
    },
  };
}

const MOST_LINES = 20;

/** A line that wraps would spoil the count of lines to go up. */
function shortened(change: Change, room: number): Change {
  const most = Math.max(10, room);
  return change.text.length <= most ? change : { ...change, text: `${change.text.slice(0, most - 1)}…` };
}
