import { z } from "zod";
import { StackError } from "../core/error.ts";
import { tryTool } from "../core/tool.ts";

/** The Go tool on PATH. */
export interface GoTool {
  readonly version: string;
  readonly buildCache: string;
  readonly moduleCache: string;
}

const minimum = { major: 1, minor: 26 };
const answer = z.object({ GOVERSION: z.string(), GOCACHE: z.string(), GOMODCACHE: z.string() });

/** Whether "go1.26.8" is new enough for the pinned modules. */
export function isRecentEnough(version: string): boolean {
  const [, major, minor] = /^go(\d+)\.(\d+)/.exec(version)?.map(Number) ?? [];
  if (major === undefined || minor === undefined) return false;
  return major > minimum.major || (major === minimum.major && minor >= minimum.minor);
}

/**
 * What every call of go gets: the module files decide, nothing around the checkout does. A module that asks for a patch
 * release newer than the one on PATH gets it as the Go tool gets any module (GOTOOLCHAIN=auto).
 */
export function goEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, CGO_ENABLED: "0", GOWORK: "off", GOTOOLCHAIN: "auto", GOFLAGS: "-buildvcs=false" };
}

/** Finds Go, or stops saying how else to get on. */
export async function requireGo(signal?: AbortSignal): Promise<GoTool> {
  const other = "or bring your own servers: --context NAME --temporal ADDRESS --nats URL need no Go";
  const said = await tryTool("go", ["env", "-json", "GOVERSION", "GOCACHE", "GOMODCACHE"], {
    timeoutMs: 30_000,
    env: goEnvironment(),
    signal,
  });
  if (said === undefined) {
    throw new StackError("StackNoGo", {
      what: "the servers cannot be built",
      why: "`go` is not on PATH, and the servers are built from their official Go modules",
      fix: `install Go ${minimum.major}.${minimum.minor} or newer, ${other}`,
    });
  }
  const go = answer.parse(JSON.parse(said));
  if (!isRecentEnough(go.GOVERSION)) {
    throw new StackError("StackNoGo", {
      what: "the servers cannot be built",
      why: `\`go\` on PATH is ${go.GOVERSION}; the pinned servers ask for ${minimum.major}.${minimum.minor}`,
      fix: `install Go ${minimum.major}.${minimum.minor} or newer, ${other}`,
    });
  }
  return { version: go.GOVERSION, buildCache: go.GOCACHE, moduleCache: go.GOMODCACHE };
}
