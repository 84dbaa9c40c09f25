export { type Command, type Finished, slipway, start } from "./command.ts";
export { LONG } from "./long.ts";
export { eventually } from "./eventually.ts";
export { aFleet, type Fleet, type FleetOptions } from "./fleet.ts";
export type { TestStack } from "./stack.ts";
export { dropStreams } from "./drop-streams.ts";
export { logRotator } from "./rotate-log.ts";
export { type BrokenWay, brokenWay } from "./tcp-proxy.ts";
export { OwnNats } from "./own-nats.ts";
