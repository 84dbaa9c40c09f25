// Starts a run with nothing but the Temporal client:  node start.js
import { Client, Connection, WorkflowFailedError } from "@temporalio/client";

const connection = await Connection.connect({ address: process.env.TEMPORAL_ADDRESS ?? "127.0.0.1:7233" });
const client = new Client({ connection });
const dag = {
  dag: "hello",
  tasks: { greet: { image: "slipway.local/busybox:1", command: ["echo", "hello from a plain client"] } },
};
const run = {
  taskQueue: process.env.SLIPWAY_INSTALLATION ?? "slipway",
  workflowId: `hello-${Date.now()}`,
  args: [{ dag }],
};
const report = await client.workflow.execute("runDag", run).catch((error) => {
  if (error instanceof WorkflowFailedError) return error.cause; // DagFailed: its message says which task and why
  throw error;
});
console.log(report);
await connection.close();
