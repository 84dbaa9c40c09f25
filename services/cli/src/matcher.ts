import { RE2JS } from "re2js";

/**
 * `--grep TEXT`, or `--grep /REGEX/` in RE2's syntax, whose matching takes time linear in the line: what a container
 * prints cannot stall the reader. Undefined where the expression is not understood.
 */
export function matcherOf(pattern: string): ((text: string) => boolean) | undefined {
  const [, source] = /^\/(.+)\/$/s.exec(pattern) ?? [];
  if (source === undefined) return (text) => text.includes(pattern);
  try {
    const expression = RE2JS.compile(source);
    return (text) => expression.matcher(text).find();
  } catch {
    return undefined;
  }
}
