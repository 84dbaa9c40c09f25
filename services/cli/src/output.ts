import { stringify } from "yaml";
import type { World } from "./world.ts";

export const FORMATS = ["table", "wide", "json", "yaml", "name"] as const;
export type Format = (typeof FORMATS)[number];

/** What a command found, in the shapes that `-o` may ask for. */
export interface Findings {
  /** For json and yaml: plain data; a Date becomes RFC 3339. */
  readonly data: unknown;
  /** For name: one per line. */
  readonly names: readonly string[];
  table(wide: boolean): string;
}

/** Data goes to stdout and nothing else does. */
export function print({ out }: Pick<World, "out">, format: Format, findings: Findings): void {
  out.write(render(format, findings));
}

function render(format: Format, findings: Findings): string {
  switch (format) {
    case "json":
      return `${JSON.stringify(findings.data, null, 2)}\n`;
    case "yaml":
      return stringify(JSON.parse(JSON.stringify(findings.data)));
    case "name":
      return findings.names.map((name) => `${name}\n`).join("");
    case "table":
    case "wide":
      return findings.table(format === "wide");
  }
}
