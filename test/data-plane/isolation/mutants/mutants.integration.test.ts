import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  ensureLocalServer,
  type LocalServer,
  purgeLocalServer,
} from '../../../../data-plane/database/server/local-server.js';
import { MUTANTS, runMutants } from '../../../../data-plane/isolation/mutants/run-mutants.js';

const dir = mkdtempSync(join(tmpdir(), 'ringfence-mutants-'));
let server: LocalServer;

beforeAll(async () => {
  server = await ensureLocalServer(dir);
});
afterAll(() => {
  purgeLocalServer(dir);
  rmSync(dir, { recursive: true, force: true });
});

test('every cell with one defence less is caught', { timeout: 180_000 }, async () => {
  const { host, port, user, password } = server;
  const results = await runMutants({ host, port, user, password }, { nowMs: Date.now });
  const attacked = results.filter(({ attacks }) => attacks.length > 0).length;
  console.log(
    `mutants: ${results.length}, caught: ${results.filter(({ caught }) => caught).length}, by an attack: ${attacked}`,
  );
  expect(results.filter(({ caught }) => !caught)).toEqual([]);
  expect(results).toHaveLength(MUTANTS.length);
  expect(MUTANTS.length).toBeGreaterThanOrEqual(30);
});
