import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { withConnection } from '../../../data-plane/database/connect.js';
import { readStreams } from '../../../data-plane/moves/found-streams.js';
import { takeOverCell } from '../../../data-plane/moves/move-run.js';
import { openStream } from '../../../data-plane/moves/open-stream.js';
import { streamedTables } from '../../../data-plane/moves/publication.js';
import { streamNames } from '../../../data-plane/moves/stream-names.js';
import { asClinic, plantClinic, useDatabase } from '../../support/cell-database.js';

const database = useDatabase();

test('a stream that a transaction keeps from beginning names it, and leaves nothing', async () => {
  const moved = await plantClinic(database.admin, 'moved');
  const neighbour = await plantClinic(database.admin, 'neighbour');
  const run = { tenantId: moved.tenantId, moveId: randomUUID(), attempt: 1 };
  const open = (waitMs: number) =>
    withConnection(database.connection, async (client) => {
      await takeOverCell(client, run);
      const tables = await streamedTables(client, { ...moved, clinicIds: [moved.clinicId] });
      const { slot: name } = streamNames(run, 'there');
      return openStream(database.connection, client, { name, tenantId: moved.tenantId, tables }, { waitMs });
    });
  await asClinic(database.app, neighbour, async (client) => {
    await client.query(`INSERT INTO clinical.services (name, duration_minutes) VALUES ('kept open', 30)`);
    const { processID } = client as unknown as { processID: number };
    await expect(open(500)).rejects.toMatchObject({
      code: 'timeout',
      message: expect.stringMatching(
        new RegExp(
          `process ${processID} of login ringfence_app \\(in tenant neighbour, application "test app", database it_\\w+\\) since 20`,
        ),
      ),
    });
  });
  expect(await withConnection(database.connection, readStreams)).toEqual([]);
});
