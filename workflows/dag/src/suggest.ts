/** Steps of comparison that one document may use on suggestions: 10,000 misspelt names must not take minutes. */
const STEPS = 20_000_000;
const LONGEST = 64;

/**
 * Finds the known word that a user most likely meant: equal but for case, `-`, `_`, or at most a third of its letters
 * away (optimal string alignment: a swap of neighbours is one step). Once its steps are used up it finds none.
 */
export class Suggester {
  #steps = STEPS;

  suggest(word: string, known: Iterable<string>): string | undefined {
    if (word.length > LONGEST) return undefined;
    let best: { readonly name: string; readonly distance: number } | undefined;
    for (const name of known) {
      const allowed = Math.max(1, Math.floor(Math.min(word.length, name.length) / 3));
      const distance = plain(name) === plain(word) ? 0 : this.#distance(word, name, allowed);
      if (distance <= allowed && (best === undefined || distance < best.distance)) best = { name, distance };
    }
    return best?.name;
  }

  /** The known word that is meant beyond doubt: equal but for case, `-`, `_`, or one slip away in five letters or more, and alone so. */
  surely(word: string, known: Iterable<string>): string | undefined {
    if (word.length > LONGEST) return undefined;
    const all = [...known];
    const equal = all.filter((name) => plain(name) === plain(word));
    const slips = word.length < 5 ? [] : all.filter((name) => this.#distance(word, name, 1) <= 1);
    const [meant, ...others] = equal.length > 0 ? equal : slips;
    return others.length === 0 ? meant : undefined;
  }

  #distance(word: string, name: string, allowed: number): number {
    this.#steps -= word.length * name.length;
    if (this.#steps < 0 || Math.abs(word.length - name.length) > allowed) return Number.POSITIVE_INFINITY;
    return editDistance(word.toLowerCase(), name.toLowerCase());
  }
}

function plain(word: string): string {
  return word.length > LONGEST ? word : word.toLowerCase().replaceAll(/[-_]/g, "");
}

function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swap = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = swap ? (before[j - 2] ?? Infinity) + 1 : Infinity;
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, swapped));
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}
