/** Who is to be told what, by a key. What they are called with must not make them throw. */
export class Subscribers<News> {
  readonly #those = new Map<string, Set<(news: News) => void>>();

  get isEmpty(): boolean {
    return this.#those.size === 0;
  }

  has(key: string): boolean {
    return this.#those.has(key);
  }

  /**
   * @param onLast called once nobody is left who wants to hear of this key
   * @returns unsubscribe; calling it twice does no harm
   */
  add(key: string, onNews: (news: News) => void, onLast?: () => void): () => void {
    const those = this.#those.get(key) ?? new Set();
    this.#those.set(key, those.add(onNews));
    return () => {
      those.delete(onNews);
      if (those.size > 0 || this.#those.get(key) !== those) return;
      this.#those.delete(key);
      onLast?.();
    };
  }

  tell(key: string, news: News): void {
    for (const onNews of this.#those.get(key) ?? []) onNews(news);
  }
}
