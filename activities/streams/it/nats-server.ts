export { OwnNats } from "@slipway/testbed";
