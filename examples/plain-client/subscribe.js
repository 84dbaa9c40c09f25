// Prints every log line of every run, with nothing but the NATS client:  node subscribe.js
import { connect } from "@nats-io/transport-node";

const nats = await connect({ servers: process.env.NATS_URL ?? "nats://127.0.0.1:4222" });
for await (const frame of nats.subscribe(`${process.env.SLIPWAY_INSTALLATION ?? "slipway"}.log.>`)) {
  if (frame.headers?.get("Slipway-Kind") !== "lines") continue; // start and end have no body, a gap says what is missing
  const task = frame.headers.get("Slipway-Task");
  for (const line of frame.string().split("\n")) console.log(`[${task}] ${line}`);
}
