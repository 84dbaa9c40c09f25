import type { Where } from "../errors.ts";
import { visible } from "./say.ts";

/** The way from the root of a document to a value: keys and positions. */
export type Path = readonly (string | number)[];

/** `tasks.passing-task.env[0].name`; keys that would be misread are in brackets. */
export function renderPath(path: Path): string {
  return path.map(renderStep).join("").replace(/^\./, "");
}

function renderStep(step: string | number): string {
  if (typeof step === "number") return `[${step}]`;
  return /^[A-Za-z0-9_-]{1,60}$/.test(step) ? `.${step}` : `["${visible(step)}"]`;
}

/** Where a path stands in the text a user gave: at its key, or at its value. */
export interface Places {
  where(path: Path, at: "key" | "value"): Where;
  /** A field of the long form stands where the user wrote a short one. */
  alias(long: Path, written: Path): void;
  /** The path as the user wrote it. */
  written(path: Path): Path;
}

abstract class Aliased implements Places {
  readonly #aliases = new Map<string, Path>();

  alias(long: Path, written: Path): void {
    this.#aliases.set(JSON.stringify(long), written);
  }

  where(path: Path, at: "key" | "value"): Where {
    return this.find(this.written(path), at);
  }

  protected abstract find(path: Path, at: "key" | "value"): Where;

  written(path: Path): Path {
    for (let length = path.length; length > 0; length -= 1) {
      const written = this.#aliases.get(JSON.stringify(path.slice(0, length)));
      if (written !== undefined) return [...written, ...path.slice(length)];
    }
    return path;
  }
}

/** For input that came as JSON: the path is all there is. */
export class JsonPlaces extends Aliased {
  protected override find(path: Path): Where {
    return path.length === 0 ? {} : { path: renderPath(path) };
  }
}

/** One value of a text, and the values in it. Offsets count UTF-16 units from 0. */
export interface Place {
  readonly key: number;
  readonly value: number;
  readonly fields: Map<string | number, Place>;
}

/** For input that came as a file: line and column of the value, or of the nearest thing around it. */
export class FilePlaces extends Aliased {
  readonly #file: string | undefined;
  readonly #position: (offset: number) => { readonly line: number; readonly column: number };
  /** Filled while the document is read. */
  readonly root: Place = { key: 0, value: 0, fields: new Map() };

  constructor(file: string | undefined, position: (offset: number) => { line: number; column: number }) {
    super();
    this.#file = file;
    this.#position = position;
  }

  at(offset: number, path: Path = []): Where {
    const file = this.#file === undefined ? {} : { file: this.#file };
    return { ...file, ...this.#position(offset), ...(path.length === 0 ? {} : { path: renderPath(path) }) };
  }

  protected override find(path: Path, at: "key" | "value"): Where {
    let place = this.root;
    let found = 0;
    for (const step of path) {
      const next = place.fields.get(step);
      if (next === undefined) break;
      place = next;
      found += 1;
    }
    return this.at(at === "key" || found < path.length ? place.key : place.value, path);
  }
}
