/** The child process of `slipway build FILE`: sends the default export as JSON, one entry for each DAG. */
import { pathToFileURL } from "node:url";
import { withoutNetwork } from "./no-network.ts";

withoutNetwork();
const module: unknown = await import(pathToFileURL(process.argv[2] ?? "").href);
const built: unknown =
  typeof module === "object" && module !== null && "default" in module ? module.default : undefined;
const text = JSON.stringify(Array.isArray(built) ? built : [built]);
process.send?.(text, undefined, undefined, () => process.disconnect());
