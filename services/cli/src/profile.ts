import { usageError } from "./failure.ts";
import type { TemporalProfile } from "./settings.ts";
import type { World } from "./world.ts";

/**
 * Temporal's own profile: its TOML file (TEMPORAL_CONFIG_FILE or the user's configuration folder) with TEMPORAL_* over it,
 * read by Temporal's own library so that `temporal` and `slipway` agree. No file is no error; a named profile that is not there is.
 */
export async function loadProfile(env: World["env"], name: string | undefined): Promise<TemporalProfile> {
  const { loadClientConfigProfile, toClientOptions } = await import("@temporalio/envconfig");
  const overrideEnvVars = Object.fromEntries(
    Object.entries(env).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
  try {
    const profile = loadClientConfigProfile({ overrideEnvVars, ...(name && { profile: name }) });
    const { tls } = toClientOptions(profile).connectionOptions;
    const { address, namespace, apiKey } = profile;
    return {
      ...(address && { address }),
      ...(namespace && { namespace }),
      ...(tls && { tls }),
      ...(apiKey && { apiKey }),
    };
  } catch (error) {
    throw usageError(`Temporal's profile cannot be used: ${error instanceof Error ? error.message : String(error)}`);
  }
}
