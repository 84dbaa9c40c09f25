import { problem, type Problem } from "../errors.ts";
import { LIMITS } from "./limits.ts";
import type { Path, Places } from "./path.ts";

/** Reading cannot go on: thrown inside the door, caught at it, never seen outside. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.what);
    this.problem = problem;
  }
}

/** Counts what a document unfolds to; a text of a kilobyte can stand for gigabytes (aliases, repeated expressions). */
export class Budget {
  readonly #places: Places;
  #nodes = 0;
  #characters = 0;
  constructor(places: Places) {
    this.#places = places;
  }

  /** @throws Refusal `too-large` where a limit is passed */
  spend(path: Path, characters: number): void {
    this.#nodes += 1;
    this.#characters += characters;
    if (path.length > LIMITS.depth)
      this.#refuse(path, `maps and lists are nested more than ${LIMITS.depth} levels deep`);
    if (this.#nodes > LIMITS.nodes) {
      this.#refuse(path, `the document unfolds to more than ${LIMITS.nodes} values (an alias stands for all it names)`);
    }
    if (this.#characters > LIMITS.characters) {
      this.#refuse(path, `the document unfolds to more than ${LIMITS.characters / 1_048_576} MB of text`);
    }
  }

  #refuse(path: Path, what: string): never {
    throw new Refusal(problem("too-large", what, { where: this.#places.where(path.slice(0, 8), "value") }));
  }
}
