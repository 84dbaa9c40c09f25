/** A NATS subject, or one with wildcards (`*` one word, `>` the rest): no empty word, at most 255 characters. */
export function isSubjectPattern(text: string): boolean {
  const words = text.split(".");
  const isWord = (word: string, at: number) =>
    word === ">" ? at === words.length - 1 : word === "*" || /^[^\s.*>\p{Cc}]+$/u.test(word);
  return text.length <= 255 && words.every(isWord);
}

/**
 * Whether everything that a subject (wildcards included) can stand for is allowed by one of the patterns. Subjects of the
 * server itself (`$SYS`, `$JS`) and inboxes are covered only by a pattern that begins so too.
 */
export function isAllowedSubject(subject: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => covers(pattern.split("."), subject.split(".")));
}

function covers(pattern: readonly string[], subject: readonly string[]): boolean {
  const [first = ""] = subject;
  if (/^[$_]/.test(first) && pattern[0] !== first) return false;
  for (const [at, word] of pattern.entries()) {
    const other = subject[at];
    if (other === undefined) return false;
    if (word === ">") return true;
    if (other === ">" || (word !== "*" && word !== other)) return false;
  }
  return pattern.length === subject.length;
}
