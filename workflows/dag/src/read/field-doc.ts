import type { Json, JsonObject } from "../json.ts";

/** What a field is, said once: for `slipway explain FIELD` and for the published JSON Schema. */
export interface FieldDoc {
  readonly text: string;
  /** JSON Schema (draft 7) of what may be written, short forms included. */
  readonly schema: JsonObject;
  readonly default?: string;
  /** A value of the field that lint accepts. */
  readonly example: Json;
}

export const TEXT = { type: "string" };
export const DURATION = { type: "string", pattern: "^(\\d+d)?(\\d+h)?(\\d+m)?(\\d+s)?$" };
export const TEXTS = { type: "object", additionalProperties: { type: ["string", "number", "boolean"] } };
export const CODES = { type: "array", items: { type: "integer", minimum: 1, maximum: 255 } };
export const COUNT = { type: "integer", minimum: 0, maximum: 1000 };
export const ANY_MAP = { type: "object" };
export const DECLARATIONS = { type: "object", additionalProperties: {} };
export const ref = (name: string) => ({ $ref: `#/definitions/${name}` });
