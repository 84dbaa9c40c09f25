import { problem } from "@slipway/dag";
import { UsageError } from "./failure.ts";

/** The text of a file, never changed in silence. @throws UsageError `yaml-syntax` where it is not UTF-8 */
export function utf8Text(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    const where = { file, ...firstReplaced(bytes) };
    throw new UsageError([problem("yaml-syntax", "the text is not UTF-8", { where, fix: "save the file as UTF-8" })]);
  }
}

/** Where reading without complaint would put the first U+FFFD (or where one is written, which is as good as never). */
function firstReplaced(bytes: Uint8Array): { readonly line: number; readonly column: number } {
  const before = new TextDecoder().decode(bytes).split("\uFFFD", 1)[0] ?? "";
  const lines = before.split("\n");
  return { line: lines.length, column: (lines.at(-1) ?? "").length + 1 };
}
