import { randomBytes } from "node:crypto";

/** No vowels, no look-alikes: nothing to misread, no words. 28 letters and digits. */
const ALPHABET = "bcdfghjkmnpqrstvwxz23456789";
const LENGTH = 10;

/**
 * A new run's id: 10 characters, random from the first one on, so a prefix of three or four names a run.
 * About 47 bits: at a million kept runs of one DAG the chance that a new one meets an old one is 1 in 200 million,
 * and Temporal then refuses the start (it never joins two runs).
 */
export function newRunId(random: (size: number) => Uint8Array = randomBytes): string {
  const fair = 256 - (256 % ALPHABET.length);
  let id = "";
  while (id.length < LENGTH) {
    for (const byte of random(LENGTH))
      if (byte < fair && id.length < LENGTH) id += ALPHABET.charAt(byte % ALPHABET.length);
  }
  return id;
}
