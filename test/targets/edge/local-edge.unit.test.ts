import { expect, it, vi } from 'vitest';
import { openLocalEdge } from '../../../targets/edge/local-edge.js';
import { documentOf } from './document.js';

vi.mock('miniflare', () => {
  throw new Error('Cannot find package');
});

it('names the command that installs the runtime where it is missing', async () => {
  const keys = { operator: 'a', origin: 'b' };
  await expect(openLocalEdge({ document: documentOf(), script: '', keys, port: 0 })).rejects.toMatchObject({
    code: 'config_invalid',
    fix: 'install it with `npm install --save-dev --save-exact miniflare@4.20260426.0`',
  });
});
