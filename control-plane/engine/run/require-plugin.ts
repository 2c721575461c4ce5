import { RingfenceError } from '../../../core/errors.js';
import { AWS_VERSION, CLOUDFLARE_VERSION } from '../../../stacks/names.js';
import type { StackRunner } from './stack-run.js';

/** Plugins that only somebody who uses them installs. */
const PLUGINS = {
  aws: { of: 'AWS', version: AWS_VERSION },
  cloudflare: { of: 'Cloudflare', version: CLOUDFLARE_VERSION },
} as const;

/** @throws RingfenceError `engine_missing` */
export const requirePlugin = async (runner: StackRunner, name: keyof typeof PLUGINS): Promise<void> => {
  if (await runner.hasPlugin(name)) return;
  const { of, version } = PLUGINS[name];
  throw new RingfenceError('engine_missing', `the engine has no plugin for ${of}`, {
    fix: `ringfence pulumi -- plugin install resource ${name} ${version}`,
  });
};
