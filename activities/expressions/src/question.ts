import { isJsonObject, type Json, type JsonObject } from "@slipway/dag";
import { z } from "zod";

/** What crosses to the thread and back; both ends read it. */
export const questionSchema = z.object({
  place: z.enum(["retries.if", "task", "wait.event"]),
  source: z.string(),
  variables: z.custom<JsonObject>(isJsonObject),
});

export const answerSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("value"), value: z.custom<Json>(() => true) }),
  z.object({ kind: z.literal("failed"), why: z.string() }),
]);
