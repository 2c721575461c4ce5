import { fileURLToPath } from 'node:url';
import { CLOUDFLARE_VERSION } from '../../../stacks/names.js';
import { placePlugin } from '../place-plugin.js';

const ENTRY = fileURLToPath(new URL('./stand-in/main.ts', import.meta.url));

/** Puts the stand-in for Cloudflare where the engine of a project looks for its plugin. @param account the folder of its account */
export const placeCloudflarePlugin = (home: string, account: string): void =>
  placePlugin(home, { name: 'cloudflare', version: CLOUDFLARE_VERSION }, [ENTRY, account]);
