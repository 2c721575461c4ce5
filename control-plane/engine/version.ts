import semver from 'semver';

/** The engine that Ringfence downloads or builds: the same release as the npm SDK `@pulumi/pulumi`. */
export const ENGINE_VERSION = '3.246.0';

/** The oldest engine of the user's own that is taken as it is. */
export const ENGINE_MINIMUM_VERSION = '3.230.0';

/**
 * Says why an engine cannot be used.
 * @param version what `pulumi version` printed, without a leading `v`
 * @returns `undefined` when the engine is compatible: the same major and at least the minimum
 */
export const incompatibility = (version: string): string | undefined => {
  if (semver.major(version) !== semver.major(ENGINE_VERSION)) {
    return `it is version ${version}, and Ringfence drives Pulumi ${semver.major(ENGINE_VERSION)}`;
  }
  if (semver.lt(version, ENGINE_MINIMUM_VERSION)) {
    return `it is version ${version}, and Ringfence needs ${ENGINE_MINIMUM_VERSION} or newer`;
  }
  return undefined;
};
