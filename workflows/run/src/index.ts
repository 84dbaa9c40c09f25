/** The types that services and activities share with the workflows. The workflows themselves: `@slipway/run/workflows`. */
export type * from "./ports.ts";
