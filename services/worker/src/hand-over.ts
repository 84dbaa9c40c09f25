import { ApplicationFailure, ApplicationFailureCategory } from "@temporalio/common";

/** This worker shuts down: to Temporal a failure that another worker makes good at once. */
export function handOver(message: string): ApplicationFailure {
  return ApplicationFailure.create({
    type: "WorkerHandoff",
    message,
    category: ApplicationFailureCategory.BENIGN,
    nextRetryDelay: 1,
  });
}
