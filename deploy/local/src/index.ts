export { ensureBuilt, programFolder, unbuilt } from "./build/build.ts";
export { type ServerName } from "./build/recipes.ts";
export { StackError, type StackErrorCode, stackErrorCodes } from "./core/error.ts";
export { createProgress, type Progress, silent, type Step } from "./core/progress.ts";
export { type NatsOptions, type NatsServer, startNats } from "./servers/nats.ts";
export { startTemporal, type TemporalOptions, type TemporalServer } from "./servers/temporal.ts";
