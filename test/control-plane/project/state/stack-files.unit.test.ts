import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { folderState } from '../../../../control-plane/project/state/folder-state.js';
import { hasStack, listStacks } from '../../../../control-plane/project/state/stack-files.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'ringfence-stacks-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

it('has the stacks with a checkpoint, and not those that only copies are left of', async () => {
  const state = folderState({ dir, passphraseFile: join(dir, 'passphrase') });
  expect(await hasStack(state, 'tenant.uno')).toBe(false);
  const stacks = join(dir, '.pulumi', 'stacks', 'ringfence');
  mkdirSync(stacks, { recursive: true });
  for (const name of ['tenant.uno.json.bak', 'tenant.dos.json', 'tenant.dos.json.bak'])
    writeFileSync(join(stacks, name), '{}');
  expect(await Promise.all(['tenant.uno', 'tenant.dos'].map((stack) => hasStack(state, stack)))).toEqual([
    false,
    true,
  ]);
  expect(await listStacks(state)).toEqual(['tenant.dos']);
});
