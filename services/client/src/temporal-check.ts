import type { TemporalLink } from "./temporal-link.ts";

/** What a Temporal server says of itself and of one namespace. */
export interface TemporalCheck {
  readonly version: string;
  /** Milliseconds that closed runs are kept. */
  readonly retentionMs: number;
  /** Names of the Slipway search attributes that are registered; absent where this user may not ask. */
  readonly searchAttributes?: readonly string[];
}

/** Registered by a worker when it starts. */
export const SEARCH_ATTRIBUTES = ["SlipwayDag", "SlipwayRunType", "SlipwayLogicalDate", "SlipwayState"] as const;

/** Asks and changes nothing. Rejects where the namespace is not there. */
export async function checkTemporal(link: TemporalLink): Promise<TemporalCheck> {
  const { client, namespace } = link;
  const { serverVersion } = await link.call(() => client.workflowService.getSystemInfo({}));
  const { config } = await link.call(() => client.workflowService.describeNamespace({ namespace }));
  const listed = await link
    .call(() => client.connection.operatorService.listSearchAttributes({ namespace }))
    .catch(() => undefined);
  const names = Object.keys(listed?.customAttributes ?? {});
  return {
    version: serverVersion ?? "?",
    retentionMs: Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0) * 1000,
    ...(listed && { searchAttributes: SEARCH_ATTRIBUTES.filter((name) => names.includes(name)) }),
  };
}
