import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { EVENT_TYPES, eventSubject, logSubject, subjectToken } from "@slipway/dag";
import { expect, test } from "vitest";
import vectors from "../../../docs/reference/subject-vectors.json" with { type: "json" };
import { EVENT_HEADERS } from "./event-encode.ts";
import { FRAME_HEADERS } from "./frame.ts";
import { aRef } from "./ref-samples.ts";

const page = readFileSync(new URL("../../../docs/reference/streams.md", import.meta.url), "utf8");

/** Written again from the page, with Node's own hash: what another implementation would do. */
function tokenByThePage(id: string): string {
  if (id === "-") return "=2D";
  const escaped = [...Buffer.from(id)]
    .map((byte) =>
      /[\w-]/.test(String.fromCharCode(byte))
        ? String.fromCharCode(byte)
        : `=${byte.toString(16).padStart(2, "0").toUpperCase()}`,
    )
    .join("");
  const digest = createHash("sha256").update(id).digest("hex");
  return escaped.length > 64 ? `${escaped.slice(0, 44)}~${digest.slice(0, 16)}` : escaped;
}

test.each(vectors.tokens)("the token of $id", ({ id, token }) => {
  expect(subjectToken(id)).toBe(token);
  expect(tokenByThePage(id)).toBe(token);
});

test.each(vectors.logs)("$subject", ({ subject, container, ...ref }) => {
  expect(logSubject(aRef(ref), container)).toBe(subject);
});

test.each(vectors.events)("$subject", ({ subject, type, ...given }) => {
  const { task, ...ofRun } = aRef(given);
  expect(eventSubject("task" in given ? { ...ofRun, task } : ofRun, type)).toBe(subject);
});

test("the page names every header and no other", () => {
  const named = new Set(page.match(/\b(?:Slipway|ce)-[A-Za-z]+\b/g));
  const ours = new Set<string>([...Object.values(FRAME_HEADERS), ...Object.values(EVENT_HEADERS)]);
  expect([...named].sort()).toEqual([...ours].sort());
});

test("the page names every event type", () => {
  expect(EVENT_TYPES.filter((type) => !page.includes(`\`${type}\``))).toEqual([]);
});
