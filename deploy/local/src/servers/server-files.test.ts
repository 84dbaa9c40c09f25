import { expect, test } from "vitest";
import { renderNatsConfig } from "./nats.ts";
import { startDevArguments } from "./temporal-cli.ts";
import {
  conventionalTemporalPorts,
  renderDynamicConfig,
  renderTemporalConfig,
  temporalPorts,
} from "./temporal-config.ts";

const rendered = (database: string | undefined): string =>
  renderTemporalConfig({ ports: conventionalTemporalPorts, database, dynamicConfigFile: "/d.json" });

test("temporal - every service listens on loopback, with ports of its own", () => {
  const ports = [...rendered("/t.db").matchAll(/"(?:grpcPort|membershipPort|httpPort)": (\d+)/g)].map((match) =>
    Number(match[1]),
  );
  expect(new Set(ports).size).toBe(temporalPorts.length);
  expect(rendered("/t.db").match(/"bindOnLocalHost": true/g)).toHaveLength(4);
  expect(rendered("/t.db")).not.toContain("0.0.0.0");
});

test("temporal - a file with WAL, or memory", () => {
  expect(rendered("/t.db")).toContain('"journal_mode": "wal"');
  expect(rendered(undefined)).toContain('"mode": "memory"');
});

test("temporal - the dynamic settings that runs rely on", () => {
  expect(JSON.parse(renderDynamicConfig())).toMatchObject({
    "history.maximumBufferedEventsBatch": [{ value: 5000 }],
    "matching.enableFairness": [{ value: true }],
    "system.forceSearchAttributesCacheRefreshOnRead": [{ value: true }],
  });
});

test("temporal's own command gets the same settings, on loopback", () => {
  const chosen = new Map([["frontend", 1] as const, ["http", 2] as const, ["ui", 3] as const]);
  const args = startDevArguments("/t.db", chosen);
  expect(args.slice(0, 4)).toEqual(["server", "start-dev", "--ip", "127.0.0.1"]);
  expect(args).toContain("matching.enableFairness=true");
});

test("nats - loopback, JetStream on disk, every limit at its default", () => {
  const ports = new Map([["client", 4222] as const, ["monitor", 8222] as const]);
  expect(renderNatsConfig(ports, "/js")).toMatchInlineSnapshot(`
    "server_name: slipway
    listen: "127.0.0.1:4222"
    http: "127.0.0.1:8222"
    jetstream { store_dir: "/js" }
    "
  `);
});
