import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withConnection } from '../../../data-plane/database/connect.js';
import { purgeLocalServer } from '../../../data-plane/database/server/local-server.js';
import { openScratchCell, type ScratchCell } from '../../../data-plane/database/server/scratch-cell.js';

describe("the server's log", () => {
  const dir = mkdtempSync(join(tmpdir(), 'ringfence-log-'));
  let cell: ScratchCell;
  let log: string;

  beforeAll(async () => {
    cell = await openScratchCell(dir);
    const [row] = await withConnection(
      cell.admin,
      async (client) =>
        (await client.query<{ folder: string }>(`SELECT current_setting('data_directory') AS folder`)).rows,
    );
    log = join(row?.folder ?? '', 'postgres.log');
  });
  afterAll(() => purgeLocalServer(dir));

  const fails = (text: string) =>
    withConnection(cell.app, (client) => client.query(text)).catch(() => undefined);

  it('repeats no value of a statement of the application, and does not grow with it', async () => {
    const before = readFileSync(log).length;
    await fails(`SELECT 'a name of a patient'::int`);
    await fails(`SELECT (repeat('x', 5000000))::int`);
    await fails(`SET log_min_messages = error`);
    const written = readFileSync(log, 'utf8').slice(before);
    expect(written).not.toContain('a name of a patient');
    expect(written.length).toBeLessThan(10_000);
  });

  it('still tells the administrator of their own mistakes', async () => {
    await withConnection(cell.admin, (client) => client.query(`SELECT 'my own mistake'::int`)).catch(
      () => undefined,
    );
    expect(readFileSync(log, 'utf8')).toContain('my own mistake');
  });

  it('a session of the application takes a bounded part of the disk for its temporary files', async () => {
    const asked = withConnection(
      cell.app,
      async (client) => (await client.query('SHOW temp_file_limit')).rows,
    );
    expect(await asked).toEqual([{ temp_file_limit: '5GB' }]);
    await expect(
      withConnection(cell.app, (client) => client.query('SET temp_file_limit = -1')),
    ).rejects.toMatchObject({ cause: { code: '42501' } });
  });
});
