/** The only place of `dag` that knows Date, CEL's type of a time: it makes one of what it is given, and never reads the clock. */
export function timeOf(given: string | number): Date {
  return new Date(given);
}

export function isTime(value: unknown): value is Date {
  return value instanceof Date;
}

/** Of a time in UTC, the parts that layouts may name (strftime's letters, those that do not depend on a language). */
const PARTS: Readonly<Record<string, (time: Date) => string>> = {
  Y: (time) => digits(time.getUTCFullYear(), 4),
  m: (time) => digits(time.getUTCMonth() + 1, 2),
  d: (time) => digits(time.getUTCDate(), 2),
  H: (time) => digits(time.getUTCHours(), 2),
  M: (time) => digits(time.getUTCMinutes(), 2),
  S: (time) => digits(time.getUTCSeconds(), 2),
  L: (time) => digits(time.getUTCMilliseconds(), 3),
  y: (time) => digits(time.getUTCFullYear() % 100, 2),
  j: (time) => digits(dayOfYear(time), 3),
  u: (time) => String(time.getUTCDay() === 0 ? 7 : time.getUTCDay()),
  s: (time) => String(Math.floor(time.getTime() / 1000)),
  F: (time) => formatTime(time, "%Y-%m-%d"),
  T: (time) => formatTime(time, "%H:%M:%S"),
  "%": () => "%",
};

/** @throws Error naming a letter that no layout has */
export function formatTime(time: Date, layout: string): string {
  return layout.replaceAll(/%(.?)/gs, (_, letter: string) => {
    const part = PARTS[letter];
    if (part === undefined)
      throw new Error(
        `strftime has no %${letter}; it has ${Object.keys(PARTS)
          .map((each) => `%${each}`)
          .join(" ")}`,
      );
    return part(time);
  });
}

function digits(value: number, width: number): string {
  return String(value).padStart(width, "0");
}

function dayOfYear(time: Date): number {
  return Math.floor((time.getTime() - Date.UTC(time.getUTCFullYear(), 0, 1)) / 86_400_000) + 1;
}

const RFC3339 =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])[Tt ](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d{2}:\d{2})$/;

/** Milliseconds since 1970 of a time of RFC 3339; `undefined` for anything else. */
export function parseTime(text: string): number | undefined {
  const ms = RFC3339.test(text) ? timeOf(text.replace(" ", "T").toUpperCase()).getTime() : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}
