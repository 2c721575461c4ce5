import { dirname } from 'node:path';
import { findOnPath } from '../../engine/probe.js';
import type { Check } from '../types.js';

const BINARY = 'pulumi-language-nodejs';

/** The engine looks for a language host beside itself and on PATH. Only `pulumi -s` and policy packs need one. */
export const checkLanguageHost: Check = async ({ env, lookup }) => {
  const beside = lookup.engine && (await findOnPath(BINARY, { PATH: dirname(lookup.engine.path) }));
  const path = beside ?? (await findOnPath(BINARY, env));
  return {
    name: 'language-host',
    status: 'ok',
    detail: path
      ? `${BINARY}: ${path}`
      : `no ${BINARY}: stand-in, which runs programs and policy packs of Node`,
    data: { standIn: path === undefined, path: path ?? null },
  };
};
