/** Who recorded a history, where, and with what: nothing of it decides anything. */
const DROPPED: ReadonlySet<string> = new Set(["stackTrace", "binaryChecksum", "workerVersion", "requestId"]);
const IDENTITY = "slipway";
/** A process and its host, as the SDK calls it; the queue of its own that a worker has is called after it. */
const WORKER = /\b\d+@[\w.-]+/g;

/** The same history of nobody in particular: `names` are what the recording called the installation, by what they become. */
export function scrubbed(value: unknown, names: Readonly<Record<string, string>>): unknown {
  if (typeof value === "string") return renamed(value, names);
  if (Array.isArray(value)) return value.map((each) => scrubbed(each, names));
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).filter(([key]) => !DROPPED.has(key));
  return Object.fromEntries(fields.map(([key, field]) => [key, fieldOf(key, field, names)]));
}

function fieldOf(key: string, field: unknown, names: Readonly<Record<string, string>>): unknown {
  if (key === "identity") return IDENTITY;
  // The body of a payload.
  if (key === "data" && typeof field === "string")
    return Buffer.from(renamed(Buffer.from(field, "base64").toString("utf8"), names)).toString("base64");
  return scrubbed(field, names);
}

function renamed(text: string, names: Readonly<Record<string, string>>): string {
  const said = text.replaceAll(WORKER, IDENTITY);
  return Object.entries(names).reduce((now, [from, to]) => now.replaceAll(from, to), said);
}
