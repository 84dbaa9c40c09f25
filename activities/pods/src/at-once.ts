const HEARTBEAT_MS = 5_000;

/** Does `work` for each item, at most `limit` at once, with a heartbeat now and every 5 s. `work` must not reject. */
export async function atOnce<Item>(
  limit: number,
  items: readonly Item[],
  heartbeat: () => void,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  heartbeat();
  const timer = setInterval(heartbeat, HEARTBEAT_MS);
  try {
    const waiting = [...items];
    const lane = async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await work(next);
    };
    await Promise.all(Array.from({ length: limit }, lane));
  } finally {
    clearInterval(timer);
  }
}
