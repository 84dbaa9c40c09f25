/**
 * Every check and every test, in one go, with one closing line: `N passed, N failed` (`, N skipped`).
 * `npm test -- PATTERN` runs the test files that match, and no checks. `--long` gives tests that have one their long form.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const CHECKS = ["format", "lint", "types", "dead-code"] as const;
const NOTHING: Tally = { passed: 0, failed: 0, skipped: 0 };

function add(a: Tally, b: Tally): Tally {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

/** Resolves with the exit code; a signal to us reaches the child first, so that it can clean. */
function run(command: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ["ignore", "inherit", "inherit"] });
    const pass = (signal: NodeJS.Signals): void => void child.kill(signal);
    process.on("SIGINT", pass).on("SIGTERM", pass);
    child.on("error", (error) => {
      process.stderr.write(`${command}: ${error.message}\n`);
      resolve(1);
    });
    child.on("exit", (code) => {
      process.off("SIGINT", pass).off("SIGTERM", pass);
      resolve(code ?? 1);
    });
  });
}

async function check(script: string): Promise<Tally> {
  process.stdout.write(`\n▸ npm run ${script}\n`);
  const code = await run("npm", ["run", "--silent", script]);
  return code === 0 ? { ...NOTHING, passed: 1 } : { ...NOTHING, failed: 1 };
}

async function tests(patterns: readonly string[]): Promise<Tally> {
  const folder = mkdtempSync(join(tmpdir(), "slipway-test-"));
  const file = join(folder, "report.json");
  try {
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
    const code = await run("vitest", ["run", ...reporters, ...patterns]);
    return tally(code, file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A file that could not be loaded, or a run that broke off, counts as a failure though no test of it failed. */
function tally(code: number, file: string): Tally {
  const report = readReport(file);
  if (report === undefined) return { ...NOTHING, failed: 1 };
  const broken = code !== 0 && report.failed === 0 ? 1 : 0;
  return { ...report, failed: report.failed + broken };
}

function readReport(file: string): Tally | undefined {
  try {
    const report: unknown = JSON.parse(readFileSync(file, "utf8"));
    const count = (field: string): number => {
      const value: unknown = typeof report === "object" && report !== null ? Reflect.get(report, field) : undefined;
      return typeof value === "number" ? value : 0;
    };
    return {
      passed: count("numPassedTests"),
      failed: count("numFailedTests"),
      skipped: count("numPendingTests") + count("numTodoTests"),
    };
  } catch (error) {
    process.stderr.write(`no test report: ${error instanceof Error ? error.message : String(error)}\n`);
    return undefined;
  }
}

const patterns = process.argv.slice(2).filter((word) => word !== "--long");
if (process.argv.includes("--long")) process.env["SLIPWAY_TEST_LONG"] = "1";
let total = NOTHING;
if (patterns.length === 0) for (const script of CHECKS) total = add(total, await check(script));
total = add(total, await tests(patterns));
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : "";
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed${skipped}\n`);
