import type { Approval } from "./held.ts";

/** Texts are templates, as those of a task that `needs` something: they are given their values when the task begins. */
export interface CompiledApproval extends Approval {
  readonly message: string;
}

/** For a time, until a time, or for a message that comes once it has begun. */
export type CompiledWait =
  | { readonly kind: "for"; readonly text: string }
  | { readonly kind: "until"; readonly text: string }
  /** `if`: bare CEL over `event` and what the task may name; any message where absent. */
  | { readonly kind: "event"; readonly subject: string; readonly if?: string };

/** What of a hold has to be given its value. */
export type HoldTexts = { readonly kind: "approve"; readonly message: string } | CompiledWait;
