import { defaultPayloadConverter, type Payload } from "@temporalio/common";
import { isNotFound, type TemporalLink } from "./temporal-link.ts";

type Page = Awaited<ReturnType<TemporalLink["client"]["workflowService"]["getWorkflowExecutionHistory"]>>;
/** One event of a run's history, as the server sends it. */
export type HistoryEvent = NonNullable<NonNullable<Page["history"]>["events"]>[number];

/** The server ends a workflow at 51,200 events, so this is every event there can be. */
const MAX_EVENTS = 51_200;

/** All events of one execution, oldest first. */
export async function fetchHistory(link: TemporalLink, workflowId: string, runId: string): Promise<HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  let nextPageToken: Page["nextPageToken"] | undefined;
  do {
    const page = await fetchPage(link, { workflowId, runId }, nextPageToken);
    events.push(...(page.history?.events ?? []));
    nextPageToken = page.nextPageToken;
  } while (
    nextPageToken !== undefined &&
    nextPageToken !== null &&
    nextPageToken.length > 0 &&
    events.length < MAX_EVENTS
  );
  return events;
}

/** The histories of a whole chain, hop by hop, oldest first; those that the server has deleted meanwhile are left out. */
export async function fetchChain(link: TemporalLink, workflowId: string, newest: string): Promise<HistoryEvent[][]> {
  const hops = [await fetchHistory(link, workflowId, newest)];
  for (let runId = hopBefore(hops[0]); runId; runId = hopBefore(hops[0])) {
    const events = await older(link, workflowId, runId);
    if (events === undefined) break;
    hops.unshift(events);
  }
  return hops;
}

function hopBefore([first]: readonly HistoryEvent[] = []): string | null | undefined {
  return first?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId;
}

async function older(link: TemporalLink, workflowId: string, runId: string): Promise<HistoryEvent[] | undefined> {
  try {
    return await fetchHistory(link, workflowId, runId);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** What the workflow was started with; undefined where it had no argument. */
export async function firstInput(link: TemporalLink, workflowId: string, runId: string): Promise<unknown> {
  const page = await fetchPage(link, { workflowId, runId }, undefined, 1);
  return decode(page.history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0]);
}

function fetchPage(
  link: TemporalLink,
  execution: { readonly workflowId: string; readonly runId: string },
  nextPageToken: Page["nextPageToken"] | undefined,
  maximumPageSize?: number,
): Promise<Page> {
  return link.call(() =>
    link.client.workflowService.getWorkflowExecutionHistory({
      namespace: link.namespace,
      execution,
      ...(nextPageToken && { nextPageToken }),
      ...(maximumPageSize && { maximumPageSize }),
    }),
  );
}

/** A json/plain payload as a value; undefined where there is none or another encoding hides it. */
export function decode(payload: Payload | null | undefined): unknown {
  if (payload === null || payload === undefined) return undefined;
  try {
    return defaultPayloadConverter.fromPayload<unknown>(payload);
  } catch {
    return undefined;
  }
}
