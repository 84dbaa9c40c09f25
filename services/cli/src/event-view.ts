import type { StoredEvent } from "@slipway/client";
import { ceType, type Json, type JsonObject } from "@slipway/dag";
import { stringify } from "yaml";
import type { Format } from "./output.ts";
import { oneLine } from "./style.ts";
import type { UnitTitles } from "./unit-titles.ts";

/** The longest event type. */
const TYPE_WIDTH = "attempt.scheduled".length;
const SENTENCE = 1_000;

/** One event as `-o` asks for it, whole lines. Tasks are padded to the widest name so far. */
export function eventPrinter(
  installation: string,
  format: Format,
  titles: Pick<UnitTitles, "of">,
): (event: StoredEvent) => Promise<string> {
  let width = 1;
  return async (event) => {
    switch (format) {
      case "json":
        return `${JSON.stringify(cloudEvent(installation, event))}\n`;
      case "yaml":
        return `---\n${stringify(cloudEvent(installation, event))}`;
      case "name":
        return `${oneLine(event.id)}\n`;
      case "table":
      case "wide": {
        const { task, index } = event;
        const unit = { task: oneLine(task ?? ""), ...(index !== undefined && { index }) };
        const place = task === undefined ? "-" : await titles.of(unit);
        width = Math.max(width, place.length);
        return eventLine(event, place.padEnd(width), format === "wide");
      }
    }
  };
}

/** `2026-11-22T12:00:00Z  attempt.finished   count   2  exit code 3` */
function eventLine(event: StoredEvent, place: string, wide: boolean): string {
  const { type, attempt, id } = event;
  const cells = [
    secondOf(event.time),
    type.padEnd(TYPE_WIDTH),
    place,
    String(attempt ?? "-").padStart(2),
    ...(wide ? [oneLine(id)] : []),
  ];
  return `${[...cells, sentenceOf(event)].join("  ").trimEnd()}\n`;
}

function secondOf(time: string): string {
  const ms = Date.parse(time);
  return Number.isNaN(ms) ? oneLine(time) : `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** What the event tells of itself; the body is read leniently, its fields are the publisher's. */
function sentenceOf({ type, data }: StoredEvent): string {
  const why = text(data["message"]) ?? text(data["reason"]);
  switch (type) {
    case "run.paused":
    case "run.resumed":
    case "task.cleared":
      return whoSaid(data);
    case "run.changed":
      return joined(
        ["set", namesIn(data["params"]), saidBy(data)].filter((part) => part !== undefined).join(" "),
        text(data["note"]),
      );
    case "run.finished":
    case "task.finished":
    case "task.skipped":
      return joined(text(data["state"]), why);
    case "attempt.created":
    case "attempt.started":
    case "pod.deleted":
      return podOf(data);
    case "attempt.scheduled":
      return `on ${text(data["node"]) ?? "a node"}`;
    case "attempt.blocked":
      return joined(text(data["reason"]), text(data["message"]));
    case "attempt.finished": {
      const outcome = objectIn(data["outcome"]) ?? data;
      return text(outcome["message"]) ?? text(outcome["kind"]) ?? "";
    }
    case "pod.unreachable":
      return joined(podOf(data), why);
    case "log.gap":
      return joined(`${container(data)}: lines may be missing${interval(data)}`, why);
    case "log.ended":
      return `${container(data)}: ${counted(data["lines"])}${data["complete"] === false ? joined(", not complete", why) : ""}`;
    case "run.started":
    case "task.waiting":
      return why ?? "";
  }
}

function whoSaid(data: JsonObject): string {
  return joined(saidBy(data), text(data["note"]));
}

function saidBy(data: JsonObject): string | undefined {
  const by = text(data["by"]);
  return by === undefined ? undefined : `by ${by}`;
}

/** `word, count` */
export function namesIn(list: Json | undefined): string {
  return Array.isArray(list) ? list.flatMap((each) => text(each) ?? []).join(", ") : "";
}

function podOf(data: JsonObject): string {
  const pod = objectIn(data["pod"]);
  return pod === undefined ? "" : `pod ${text(pod["namespace"]) ?? "?"}/${text(pod["name"]) ?? "?"}`;
}

function interval({ from, to }: JsonObject): string {
  const known = [text(from), text(to)].filter((time) => time !== undefined);
  return known.length === 0 ? "" : ` (${known.join(" to ")})`;
}

function container(data: JsonObject): string {
  return text(data["container"]) ?? "main";
}

function joined(head: string | undefined, why: string | undefined): string {
  return [head, why].filter((part) => part !== undefined).join(": ");
}

function counted(lines: Json | undefined): string {
  return lines === 1 ? "1 line" : `${typeof lines === "number" ? lines : "?"} lines`;
}

/** Undefined for an empty text too. */
function text(value: Json | undefined): string | undefined {
  return typeof value === "string" && value !== "" ? oneLine(value.slice(0, SENTENCE)) : undefined;
}

function objectIn(value: Json | undefined): JsonObject | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : undefined;
}

/** The event as CloudEvents' JSON format has it; what is not an attribute of the standard is an extension. */
function cloudEvent(installation: string, event: StoredEvent): JsonObject {
  const { seq, id, type, time, dag, run, chain, task, index, attempt, data } = event;
  const subject = [task, index ?? "-", ...(attempt === undefined ? [] : [attempt])].join("/");
  const source = ["", installation, dag, run].map((part) => encodeURIComponent(part.toWellFormed())).join("/");
  return {
    specversion: "1.0",
    id,
    type: ceType(type),
    source,
    ...(task === undefined ? {} : { subject }),
    time,
    datacontenttype: "application/json",
    seq,
    dag,
    run,
    chain,
    ...(task === undefined ? {} : { task }),
    ...(index === undefined ? {} : { index }),
    ...(attempt === undefined ? {} : { attempt }),
    data,
  };
}
