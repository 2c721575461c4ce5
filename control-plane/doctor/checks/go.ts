import { findGo, neededGoVersion } from '../../engine/go-toolchain.js';
import type { Check } from '../types.js';

/** Go matters only while there is no engine and the official download is out of reach. */
export const checkGo: Check = async ({ env, lookup }) => {
  const name = 'go';
  const go = await findGo(env);
  if (go?.sufficient) {
    const detail = `Go ${go.version} can build the engine (${go.needed} needed)`;
    return { name, status: 'ok', detail, data: { version: go.version, needed: go.needed, path: go.path } };
  }
  const needed = await neededGoVersion();
  const found = go
    ? `Go ${go.version} is too old to build the engine (${needed} needed)`
    : `no Go (${needed} needed)`;
  const data = { version: go?.version ?? null, needed, path: go?.path ?? null };
  if (lookup.engine) return { name, status: 'ok', detail: `${found}; not needed, an engine is here`, data };
  return {
    name,
    status: 'warn',
    detail: `${found}; only the official download can bring the engine`,
    fix: `install Go ${needed} or newer, or allow network access to get.pulumi.com`,
    data,
  };
};
