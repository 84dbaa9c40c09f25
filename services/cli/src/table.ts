/** One column: a heading and how wide its widest cell is. */
const GAP = "   ";

/** Terminal colour codes take no room. */
// oxlint-disable-next-line no-control-regex -- the escape character is what is looked for
const SGR = /\u001b\[[0-9;]*m/g;

/** Columns padded with spaces, kubectl's way: no lines, cuttable with awk, the last column unpadded. No rows: "". */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return "";
  const all = [head.map((title) => title.toUpperCase()), ...rows];
  const widths = head.map((_, at) => Math.max(...all.map((row) => width(row[at] ?? ""))));
  return all.map((row) => line(row, widths)).join("");
}

function line(row: readonly string[], widths: readonly number[]): string {
  const cells = widths.map((wide, at) => {
    const cell = row[at] ?? "";
    return cell + " ".repeat(wide - width(cell));
  });
  return `${cells.join(GAP).trimEnd()}\n`;
}

function width(cell: string): number {
  return cell.replaceAll(SGR, "").length;
}
