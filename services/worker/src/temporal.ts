import { setTimeout as sleep } from "node:timers/promises";
import { SEARCH_ATTRIBUTES } from "@slipway/run/search-attributes";
import proto from "@temporalio/proto";
import { NativeConnection } from "@temporalio/worker";
import type { Logger } from "pino";
import type { WorkerSettings } from "./settings.ts";

const CALL_MS = 10_000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;

/** Waits for the server, for ever, saying so: a worker may be started before Temporal is. */
export async function connectTemporal(
  settings: WorkerSettings,
  log: Logger,
  signal: AbortSignal,
): Promise<NativeConnection> {
  const { address, apiKey, tls } = settings.temporal;
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
    try {
      return await NativeConnection.connect({ address, ...(apiKey && { apiKey }), ...(tls && { tls }) });
    } catch (error) {
      signal.throwIfAborted();
      log.warn({ address, reason: reasonOf(error) }, "Temporal does not answer; trying again");
      await sleep(wait * (0.5 + Math.random() / 2), undefined, { signal });
    }
  }
}

/** The namespace's id, which pods carry as a label: a namespace of the same name on another server is another one. */
export async function namespaceId(connection: NativeConnection, namespace: string): Promise<string> {
  const answer = await connection.withDeadline(Date.now() + CALL_MS, () =>
    connection.workflowService.describeNamespace({ namespace }),
  );
  const id = answer.namespaceInfo?.id;
  if (!id) throw new Error(`Temporal did not say the id of namespace ${namespace}`);
  return id;
}

/**
 * Registers what is missing. A run that sets an unregistered attribute hangs, so where registering is not
 * allowed the answer is false and runs go on without.
 */
export async function registerSearchAttributes(
  connection: NativeConnection,
  namespace: string,
  log: Logger,
): Promise<boolean> {
  const wanted = Object.values(SEARCH_ATTRIBUTES);
  try {
    const registered = await registeredNames(connection, namespace);
    const missing = wanted.filter(({ name }) => !registered.has(name));
    if (missing.length > 0) await addUnlessAdded(connection, namespace, missing, log);
    return await accepted(
      connection,
      namespace,
      wanted.map(({ name }) => name),
    );
  } catch (error) {
    log.warn({ reason: reasonOf(error) }, "search attributes could not be registered; runs go without them");
    return false;
  }
}

async function registeredNames(connection: NativeConnection, namespace: string): Promise<Set<string>> {
  const answer = await connection.withDeadline(Date.now() + CALL_MS, () =>
    connection.operatorService.listSearchAttributes({ namespace }),
  );
  return new Set(Object.keys(answer.customAttributes ?? {}));
}

/** Another worker may add the same at the same moment; whether they are there in the end is asked afterwards. */
async function addUnlessAdded(
  ...[connection, namespace, missing, log]: [...Parameters<typeof add>, Logger]
): Promise<void> {
  await add(connection, namespace, missing).catch((error: unknown) =>
    log.info({ reason: reasonOf(error) }, "search attributes were not added by this worker"),
  );
}

async function add(
  connection: NativeConnection,
  namespace: string,
  missing: readonly { name: string; type: string }[],
): Promise<void> {
  const { INDEXED_VALUE_TYPE_DATETIME, INDEXED_VALUE_TYPE_KEYWORD } = proto.temporal.api.enums.v1.IndexedValueType;
  const typeOf = (type: string) => (type === "DATETIME" ? INDEXED_VALUE_TYPE_DATETIME : INDEXED_VALUE_TYPE_KEYWORD);
  const searchAttributes = Object.fromEntries(missing.map(({ name, type }) => [name, typeOf(type)]));
  await connection.withDeadline(Date.now() + CALL_MS, () =>
    connection.operatorService.addSearchAttributes({ namespace, searchAttributes }),
  );
}

/** They take a moment to be accepted (the server caches them). */
async function accepted(connection: NativeConnection, namespace: string, names: readonly string[]): Promise<boolean> {
  const deadline = Date.now() + CALL_MS;
  while (Date.now() < deadline) {
    const registered = await registeredNames(connection, namespace);
    if (names.every((name) => registered.has(name))) return true;
    await sleep(200);
  }
  return false;
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? (error.message.split("\n", 1)[0] ?? error.name) : String(error);
}
