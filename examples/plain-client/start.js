// Starts a run with nothing but the Temporal client:  node start.js
import { Client, Connection } from "@temporalio/client";

const connection = await Connection.connect({ address: process.env.TEMPORAL_ADDRESS ?? "127.0.0.1:7233" });
const client = new Client({ connection });
const dag = {
  dag: "hello",
  tasks: { greet: { image: "slipway.local/busybox:1", command: ["echo", "hello from a plain client"] } },
};
const report = await client.workflow.execute("runDag", {
  taskQueue: process.env.SLIPWAY_INSTALLATION ?? "slipway",
  workflowId: `hello-${Date.now()}`,
  args: [{ dag }],
}); // a failed run throws, and error.cause.message names the task and the cause
console.log(report);
await connection.close();
