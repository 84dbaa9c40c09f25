import { type ErrorCode, type Problem, problem } from "../errors.ts";
import { Refusal } from "./budget.ts";
import { LIMITS } from "./limits.ts";
import type { Path, Places } from "./path.ts";
import { quote } from "./say.ts";
import { Suggester } from "../suggest.ts";

/** What reading gives: the value, or every reason why not (at least one, at most 20). */
export type Read<T> =
  | { readonly kind: "ok"; readonly value: T; readonly warnings: readonly Problem[] }
  | { readonly kind: "refused"; readonly problems: readonly Problem[] };

export interface More {
  readonly fix?: string;
  /** Point at the key rather than at the value. */
  readonly at?: "key" | "value";
  /** The whole key or value that is meant, where there is no doubt. */
  readonly instead?: string;
}

/** Gathers what is wrong with one document, in the order it is found. */
export class Findings {
  readonly places: Places;
  readonly #problems: Problem[] = [];
  readonly #warnings: Problem[] = [];
  readonly #told = new Set<string>();
  readonly #warned = new Set<string>();
  readonly #suggester = new Suggester();

  constructor(places: Places) {
    this.places = places;
  }

  /** The same once: many tasks may use one template. */
  error(code: ErrorCode, path: Path, what: string, more: More = {}): void {
    if (this.full) return;
    const found = this.#problem(code, path, what, more);
    const key = JSON.stringify([code, found.where, what]);
    if (!this.#told.has(key)) this.#problems.push(found);
    this.#told.add(key);
  }

  /** Once for each place: reading and compiling look at the same fields. */
  warn(code: ErrorCode, path: Path, what: string, more: More = {}): void {
    const key = JSON.stringify([code, path]);
    if (this.#warned.has(key) || this.#warnings.length >= LIMITS.problems) return;
    this.#warned.add(key);
    this.#warnings.push(this.#problem(code, path, what, more));
  }

  /** "did you mean …?" as the fix, where a known word is near. */
  didYouMean(word: string, known: Iterable<string>, write: (name: string) => string = (name) => name): More {
    const near = this.suggest(word, known);
    return near === undefined ? {} : { fix: `did you mean ${quote(write(near))}?` };
  }

  suggest(word: string, known: Iterable<string>): string | undefined {
    return this.full ? undefined : this.#suggester.suggest(word, known);
  }

  surely(word: string, known: Iterable<string>): string | undefined {
    return this.full ? undefined : this.#suggester.surely(word, known);
  }

  /** Further problems are dropped: whoever looks for more may stop. */
  get full(): boolean {
    return this.#problems.length >= LIMITS.problems;
  }

  get clean(): boolean {
    return this.#problems.length === 0;
  }

  /**
   * Runs the steps of reading; each sees only what the steps before found good.
   * `undefined` from `steps` means that a problem has been told.
   */
  static read<T>(places: Places, steps: (findings: Findings) => T | undefined): Read<T> {
    const findings = new Findings(places);
    try {
      const value = steps(findings);
      if (value !== undefined && findings.clean) return { kind: "ok", value, warnings: inOrder(findings.#warnings) };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return { kind: "refused", problems: [error.problem] };
    }
    if (findings.clean) throw new Error("a document was refused without a reason");
    return { kind: "refused", problems: inOrder(findings.#problems) };
  }

  #problem(code: ErrorCode, path: Path, what: string, { fix, at, instead }: More): Problem {
    const where = this.places.where(path, at ?? "value");
    return problem(code, what, {
      ...(Object.keys(where).length === 0 ? {} : { where }),
      ...(fix === undefined ? {} : { fix }),
      ...(instead === undefined ? {} : { instead }),
    });
  }
}

/** As they stand in the file; what has no line keeps the order in which it was found. */
function inOrder(problems: readonly Problem[]): readonly Problem[] {
  const spot = ({ where }: Problem): number => (where?.line ?? 0) * 1_000_000 + (where?.column ?? 0);
  return problems.toSorted((a, b) => spot(a) - spot(b));
}
