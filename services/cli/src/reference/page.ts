/** A page of docs/reference that is made of the code. */
export function page(title: string, source: string, ...parts: readonly string[]): string {
  const made = `Made of ${source} by \`npm run reference\`; a test keeps them equal.`;
  return `${[`# ${title}`, made, ...parts].join("\n\n")}\n`;
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}

export function sentence(text: string): string {
  return `${capital(text)}${/[.?!]$/.test(text) ? "" : "."}`;
}

export function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
