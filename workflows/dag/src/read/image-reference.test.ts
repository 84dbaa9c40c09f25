import { expect, test } from "vitest";
import { imageProblem } from "./image-reference.ts";

test.each([
  "python",
  "python:3.6",
  "library/python:3.12-slim",
  "slipway.local/python:3",
  "localhost:5000/a/b_c/d__e/f--g:Tag_1.x",
  "registry.example.com:443/team/image@sha256:" + "a".repeat(64),
  "registry.example.com/image:1@sha256:" + "0".repeat(64),
  "[::1]:5000/image",
  "HOST/image",
  "ubuntu:1604",
  `a:${"t".repeat(128)}`,
])("a reference: %s", (image) => {
  expect(imageProblem(image)).toBeUndefined();
});

test.each([
  ["Python:3.6", "has upper case in its name", "python:3.6"],
  ["registry.example/Team/App:V1", "has upper case in its name", "registry.example/team/app:V1"],
  ["localhost:5000/App", "has upper case in its name", "localhost:5000/app"],
  ["https://registry.example/a/b", "is a URL", "registry.example/a/b"],
  ["", "is empty", undefined],
  ["a b", "has a space in it", undefined],
  ["a:", "has a tag that is not valid (letters, digits, `_`, `.`, `-`; at most 128)", undefined],
  ["a:-x", "has a tag that is not valid (letters, digits, `_`, `.`, `-`; at most 128)", undefined],
  ["a@sha256:abc", "has a digest that is not `sha256:` and 64 hex digits", undefined],
  [":3", "has no name", undefined],
  ["a//b", "has a name with characters it cannot have", undefined],
  ["a_-b", "has a name with characters it cannot have", undefined],
  ["-a", "has a name with characters it cannot have", undefined],
  ["a/b/", "has a name with characters it cannot have", undefined],
  ["ho_st.example.com/a", "has a registry host that is not valid", undefined],
  ["a".repeat(64), "is the id of an image, not its name", undefined],
  ["x".repeat(256), "has a name longer than 255 characters", undefined],
  ["x".repeat(513), "is longer than 512 characters", undefined],
])("no reference: %s", (image, why, fix) => {
  expect(imageProblem(image)).toEqual(fix === undefined ? { why } : { why, fix });
});
