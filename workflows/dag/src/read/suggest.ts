/**
 * The known word that the user most likely meant: equal but for case, `-`, `_`, or at most a third of its letters away
 * (optimal string alignment: a swap of neighbours is one step).
 */
export function suggest(word: string, known: Iterable<string>): string | undefined {
  if (word.length > 64) return undefined;
  let best: { readonly name: string; readonly distance: number } | undefined;
  for (const name of known) {
    const distance = plain(name) === plain(word) ? 0 : editDistance(word.toLowerCase(), name.toLowerCase());
    const near = distance <= Math.max(1, Math.floor(Math.min(word.length, name.length) / 3));
    if (near && (best === undefined || distance < best.distance)) best = { name, distance };
  }
  return best?.name;
}

function plain(word: string): string {
  return word.toLowerCase().replaceAll(/[-_]/g, "");
}

function editDistance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 21) return Number.POSITIVE_INFINITY;
  let before: readonly number[] = [];
  let row: readonly number[] = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) next.push(cell(a, b, i, j, { before, row, left: next[j - 1] ?? 0 }));
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}

function cell(
  a: string,
  b: string,
  i: number,
  j: number,
  { before, row, left }: { before: readonly number[]; row: readonly number[]; left: number },
): number {
  const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
  const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? (before[j - 2] ?? Infinity) + 1 : Infinity;
  return Math.min(replaced, (row[j] ?? 0) + 1, left + 1, swapped);
}
