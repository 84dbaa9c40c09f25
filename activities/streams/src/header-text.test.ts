import fc from "fast-check";
import { expect, test } from "vitest";
import { overTheWire } from "./frame-samples.ts";
import { fromHeaderText, toHeaderText } from "./header-text.ts";

test("any text survives a NATS header", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const { header } = overTheWire({ headers: [["Slipway-Run", toHeaderText(text)]], body: "" });
      expect(fromHeaderText(header("Slipway-Run"))).toBe(text);
    }),
  );
});

test.each([
  ["manual__2026-11-22T00:00:00+00:00", "manual__2026-11-22T00:00:00+00:00"],
  ["a b", "a%20b"],
  ["100%", "100%25"],
  ['say "hi"', "say%20%22hi%22"],
  ["zürich", "z%C3%BCrich"],
  ["a\r\nNats-Msg-Id: x", "a%0D%0ANats-Msg-Id:%20x"],
])("%j as a header value", (text, value) => {
  expect(toHeaderText(text)).toBe(value);
});

test("a foreign value that is not well-formed is given back as it is", () => {
  expect(fromHeaderText("50%")).toBe("50%");
});
