import { parseArgs } from 'node:util';
import { createAccess } from '../data-plane/access/create-access.js';
import { randomFrom } from '../data-plane/demo/random.js';
import { hasPgBouncer, startPgBouncer } from '../test/data-plane/access/pgbouncer.js';
import { AUDIENCE, ISSUER, identityProvider } from '../test/data-plane/access/token-maker.js';
import { compareRows } from './pooled/compare-rows.js';
import { memoryDirectory, plantPooledTenants } from './pooled/tenants.js';
import { newCounts, transact } from './pooled/transact.js';
import { openScratchCell } from './scratch-cell.js';

// Transactions of 50 tenants through PgBouncer in transaction mode over 5 connections to the server, with random
// rollbacks, errors, cancels and things left in sessions; each one checks whose data it sees, and at the end the rows
// are compared with what was committed. Fails on a mismatch, and on an error that nobody asked for. `npm run pooled -- --transactions 1000000 --minutes 30`

const TENANTS = 50;
const SERVER_CONNECTIONS = 5;
const CLIENT_CONNECTIONS = 20;
const AT_ONCE = 40;

const { values } = parseArgs({
  options: {
    transactions: { type: 'string', default: '1000000' },
    minutes: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
  },
});
if (!hasPgBouncer()) throw new Error('pgbouncer is not installed');

const wanted = Number(values.transactions);
const untilMs = Date.now() + Number(values.minutes) * 60_000;
const cell = await openScratchCell();
try {
  const bouncer = await startPgBouncer(cell.app, SERVER_CONNECTIONS);
  try {
    const idp = identityProvider();
    const tenants = await plantPooledTenants(cell.admin, TENANTS, (clinicId, userId) =>
      idp.token(clinicId, { sub: userId, exp: idp.nowSeconds() + 3_500 }),
    );
    const access = createAccess({
      directory: memoryDirectory(tenants, bouncer.connection, cell.contextKey),
      keys: idp.keys,
      issuer: ISSUER,
      audience: AUDIENCE,
      connectionsPerCell: CLIENT_CONNECTIONS,
      connectionsPerTenant: 2,
      waitMs: 60_000,
    });
    const counts = newCounts();
    const startedMs = Date.now();
    const random = randomFrom('pooled', Number(values.seed));
    const worker = async (): Promise<void> => {
      while (counts.transactions < wanted && Date.now() < untilMs) {
        const number = ++counts.transactions;
        if (number % 100_000 === 0) console.error(`${number} transactions, ${counts.mismatches} mismatches`);
        await transact(access, random.pick(tenants), random, number, counts);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    await access.close();
    const seconds = (Date.now() - startedMs) / 1_000;
    counts.mismatches += await compareRows(cell.admin, tenants);
    console.log(JSON.stringify({ ...counts, seconds, perSecond: Math.round(counts.transactions / seconds) }));
    if (counts.mismatches > 0 || Object.keys(counts.unexpected).length > 0) process.exitCode = 1;
  } finally {
    await bouncer.stop();
  }
} finally {
  cell.close();
}
