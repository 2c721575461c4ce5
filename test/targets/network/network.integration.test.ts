import { mkdtempSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { loopback } from '../../../targets/network/loopback.js';
import { verifiedTls } from '../../../targets/network/verified-tls.js';
import type { Network } from '../../../targets/target.js';
import { makeCertificates } from '../../support/rds/certificates.js';
import { type ManagedPostgres, startManagedPostgres } from '../../support/rds/managed-postgres.js';
import { type Approach, networkConformance } from '../network.conformance.js';

let dir: string;
let postgres: ManagedPostgres;
let trusting: Network;
let misled: Network;

const over = (cell: string): Network =>
  verifiedTls(join(dir, cell), {
    authorities: async () => makeCertificates(dir).ca,
    option: '--server <name>',
  });

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'ringfence-network-'));
  postgres = await startManagedPostgres();
  trusting = over('trusting');
  await trusting.keep(postgres.caFile);
  misled = over('misled');
  await misled.keep();
});
afterAll(() => {
  postgres?.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** A server on this machine in plain text. */
const plain = (): Approach['to'] => {
  const { host, port, user, password } = inject('postgres');
  return { host, port, user, password, database: 'postgres' };
};
const managed = (): Approach['to'] => {
  const { host, port, user, password } = postgres.master;
  return { host, port, user, password, database: 'postgres' };
};

networkConformance('loopback', () => ({ network: loopback, to: plain() }), {
  'another machine': () => ({ network: loopback, to: { ...plain(), host: '192.0.2.1' } }),
  'a name, which may lead to another machine': () => ({
    network: loopback,
    to: { ...plain(), host: 'localhost' },
  }),
  'this machine as others see it': () => ({ network: loopback, to: { ...plain(), host: hostname() } }),
  'every address of this machine': () => ({ network: loopback, to: { ...plain(), host: '0.0.0.0' } }),
});

networkConformance('verified TLS', () => ({ network: trusting, to: managed() }), {
  'a server in plain text': () => ({ network: trusting, to: plain() }),
  'a server of a foreign authority': () => ({ network: misled, to: managed() }),
  'a server of another name': () => ({ network: trusting, to: { ...managed(), host: 'localhost' } }),
  'a server whose authorities nobody kept': () => ({ network: over('nobody'), to: managed() }),
});

test('authorities are kept until the cell is given up, and a file without one is refused', async () => {
  const network = over('cell');
  await network.keep(postgres.caFile);
  expect(network.reach(managed()).ssl?.ca).toContain('BEGIN CERTIFICATE');
  network.drop();
  network.drop();
  expect(() => network.reach(managed())).toThrow(
    expect.objectContaining({ code: 'config_invalid', fix: expect.stringContaining('--server <name>') }),
  );
  await expect(network.keep(join(dir, 'server.key'))).rejects.toMatchObject({ code: 'config_invalid' });
  await expect(loopback.keep(postgres.caFile)).rejects.toMatchObject({ code: 'usage' });
});
