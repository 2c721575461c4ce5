import { describe, expect, it } from 'vitest';
import { withConnection } from '../../../../data-plane/database/connect.js';
import { prepareCell } from '../../../../data-plane/database/prepare-cell.js';
import { createRoles } from '../../../../data-plane/database/roles.js';
import { runSuite } from '../../../../data-plane/isolation/suite/run-suite.js';
import { TEST_CONTEXT_KEY } from '../../../support/cell-database.js';
import { noDebianPostgres, startDebianPostgres } from '../../../support/debian-postgres.js';

describe.skipIf(noDebianPostgres)('the attack suite on Postgres 15', () => {
  it('holds there too', async () => {
    const { server, stop } = await startDebianPostgres();
    try {
      const appPassword = 'the password of the application';
      await withConnection({ ...server, database: 'postgres' }, async (client) => {
        await createRoles(client);
        await client.query('CREATE DATABASE cell');
      });
      const admin = { ...server, database: 'cell' };
      await withConnection(admin, (client) =>
        prepareCell(client, { appPassword, contextKey: TEST_CONTEXT_KEY }),
      );
      const app = { ...admin, user: 'ringfence_app', password: appPassword };
      const report = await runSuite(
        { admin, app, contextKey: TEST_CONTEXT_KEY, nowMs: Date.now },
        { scenarios: ['crossed-wires', 'forged-badge', 'whisper', 'side-door'] },
      );
      const notHeld = report.cases.filter(({ verdict }) => verdict !== 'held');
      expect(notHeld.map(({ id, verdict, cameBack }) => `${id} ${verdict}: ${cameBack}`)).toEqual([]);
      process.stdout.write(
        `attempts on Postgres ${report.postgres}: ${report.cases.length}, ${report.durationMs} ms\n`,
      );
    } finally {
      stop();
    }
  });
});
