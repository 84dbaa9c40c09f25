/** Bytes of JSON of one activity's input (Temporal: 2 MB). */
const BATCH_BYTES = 1_000_000;

/** In order, as much in each as an activity may be given; one that is larger goes alone. */
export function batches<Item>(items: readonly Item[], bytesOf: (item: Item) => number): Item[][] {
  const all: Item[][] = [];
  let room = 0;
  for (const item of items) {
    const bytes = bytesOf(item);
    const last = all.at(-1);
    if (last !== undefined && bytes <= room) last.push(item);
    else {
      all.push([item]);
      room = BATCH_BYTES;
    }
    room -= bytes;
  }
  return all;
}
