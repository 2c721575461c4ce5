import semver from 'semver';
import type { Check } from '../types.js';

/** `engines.node` in package.json. */
const NODE_MINIMUM_VERSION = '20.19.0';

export const checkNode: Check = async () => {
  const version = process.versions.node;
  const found = { name: 'node', detail: `Node ${version}`, data: { version } };
  if (semver.gte(version, NODE_MINIMUM_VERSION)) return { ...found, status: 'ok' };
  return {
    ...found,
    status: 'fail',
    detail: `Node ${version} is too old`,
    fix: `install Node ${NODE_MINIMUM_VERSION} or newer`,
  };
};
