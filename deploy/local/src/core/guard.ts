import { spawn } from "node:child_process";

/**
 * Ties a process to this one: when this process ends, however it ends, `pid` is killed. A shell waits at the other end of
 * a pipe that only this process holds, so even SIGKILL is noticed. The shell has a session of its own: Ctrl-C does not
 * reach it. Returns how to call it off.
 */
export function dieWithMe(pid: number): () => void {
  const watchdog = spawn("/bin/sh", ["-c", 'read -r _; kill -9 "$1" 2>/dev/null', "slipway-guard", String(pid)], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
    cwd: "/",
  });
  watchdog.on("error", () => undefined); // no shell: the recorded pid is then cleaned by the next start
  watchdog.stdin.on("error", () => undefined);
  watchdog.unref();
  if ("unref" in watchdog.stdin && typeof watchdog.stdin.unref === "function") watchdog.stdin.unref();
  return () => void watchdog.kill("SIGKILL");
}
