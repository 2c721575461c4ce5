import { fileURLToPath } from 'node:url';
import { AWS_VERSION } from '../../../stacks/names.js';
import { placePlugin } from '../place-plugin.js';

const ENTRY = fileURLToPath(new URL('./stand-in/main.ts', import.meta.url));

/** Puts the stand-in for AWS where the engine of a project looks for its plugin. @param cloud the folder of its account */
export const placeAwsPlugin = (home: string, cloud: string): void =>
  placePlugin(home, { name: 'aws', version: AWS_VERSION }, [ENTRY, cloud]);
