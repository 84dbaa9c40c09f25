const DURATION = /^(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,8})s)?$/;
const UNITS_MS = [86_400_000, 3_600_000, 60_000, 1_000] as const;
/** 365 days: no wait of a run is longer. */
const MAX_MS = 365 * 86_400_000;

/**
 * `30s`, `5m`, `1h30m`, `7d` (d = 24 h) as milliseconds; units fall from left to right, whole numbers only.
 * `undefined` for anything else, a bare number and more than 365 days included.
 */
export function parseDuration(text: string): number | undefined {
  const parts = text === "" ? null : DURATION.exec(text);
  if (parts === null) return undefined;
  const total = UNITS_MS.reduce((sum, unit, at) => sum + unit * Number(parts[at + 1] ?? 0), 0);
  return total <= MAX_MS ? total : undefined;
}

/** The shortest text that `parseDuration` reads back as the same time: 5,400,000 is `1h30m`. Parts of a second are cut off. */
export function formatDuration(ms: number): string {
  const letters = ["d", "h", "m", "s"] as const;
  let rest = Math.max(0, ms);
  const parts = UNITS_MS.map((unit, at) => {
    const count = Math.floor(rest / unit);
    rest -= count * unit;
    return count === 0 ? "" : `${count}${letters[at] ?? ""}`;
  });
  return parts.join("") || "0s";
}
