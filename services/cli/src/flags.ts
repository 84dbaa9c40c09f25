import { parseDuration } from "@slipway/dag";
import { z } from "zod";
import { usageError } from "./failure.ts";

/** What commander read, as one verb understands it. */
export function readFlags<T>(schema: z.ZodType<T>, flags: unknown): T {
  const read = schema.safeParse(flags);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw usageError(`--${asTyped(String(issue?.path[0] ?? "?"))}: ${issue?.message ?? "not understood"}`);
}

/** `fromLine` is typed `--from-line`. */
function asTyped(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

export const connectionFlags = {
  temporal: z.string().exactOptional(),
  temporalNamespace: z.string().exactOptional(),
  profile: z.string().exactOptional(),
  nats: z.string().exactOptional(),
  natsCreds: z.string().exactOptional(),
  natsUser: z.string().exactOptional(),
  natsCa: z.string().exactOptional(),
  natsCert: z.string().exactOptional(),
  natsKey: z.string().exactOptional(),
  installation: z.string().exactOptional(),
  cluster: z.string().exactOptional(),
};
const ConnectionFlagsSchema = z.object(connectionFlags);
export type ConnectionFlags = z.infer<typeof ConnectionFlagsSchema>;

export const clusterFlags = {
  kubeconfig: z.string().exactOptional(),
  context: z.string().exactOptional(),
  namespace: z.string().exactOptional(),
};

export const paramFlags = {
  param: z.array(z.string()).default([]),
  params: z.string().exactOptional(),
};

export const outputFlags = { output: z.enum(["table", "wide", "json", "yaml", "name"]).default("table") };

/** `--attempt 2`, `--limit 50`: a whole number of at least `min`. */
export function wholeNumber(min: number): z.ZodType<number> {
  return z
    .string()
    .regex(/^\d{1,9}$/, "a whole number is wanted")
    .transform(Number)
    .refine((n) => n >= min, `at least ${min}`);
}

/** `--timeout 5m`, as milliseconds. */
export const duration = z.string().transform((text, context) => {
  const ms = parseDuration(text);
  if (ms !== undefined) return ms;
  context.addIssue(`${JSON.stringify(text)} is not a duration: 30s, 5m, 1h30m`);
  return z.NEVER;
});

/** `--since 5m`, `--since 2026-11-22T10:00:00Z`. */
export function pastTime(now: Date): z.ZodType<Date> {
  return z.string().transform((text, context) => {
    const ms = parseDuration(text);
    if (ms !== undefined) return new Date(now.getTime() - ms);
    const time = z.iso.datetime({ offset: true }).safeParse(text);
    if (time.success) return new Date(time.data);
    context.addIssue(`${JSON.stringify(text)} is no duration (30s, 5m, 1h30m) and no time (2026-11-22T10:00:00Z)`);
    return z.NEVER;
  });
}

/** Servers that the user brings in place of local ones. */
const StackFlagsSchema = z.object({
  context: z.string().exactOptional(),
  kubeconfig: z.string().exactOptional(),
  temporal: z.string().exactOptional(),
  nats: z
    .string()
    .refine(
      (url) => !url.includes("@"),
      "an address without a user: others can see it. NATS_USER and NATS_PASSWORD log in",
    )
    .exactOptional(),
});
export type StackFlags = z.infer<typeof StackFlagsSchema>;

export function readStackFlags(flags: unknown): StackFlags {
  return readFlags(StackFlagsSchema, flags);
}

/** `--attempt all`, `--attempt 2`. */
export const attemptFlag = z.string().transform((text, context): number | "all" => {
  if (text === "all") return text;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  context.addIssue("a whole number from 1 on is wanted, or all");
  return z.NEVER;
});
