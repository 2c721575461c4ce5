import type pg from 'pg';
import { z } from 'zod';
import {
  fileOfSealed,
  type OffsiteStore,
  openText,
  sealedKey,
  sealText,
} from '../../data-plane/backup/offsite/sealed-object.js';
import { withLock } from '../project/lock.js';
import { readRows } from '../project/read-rows.js';
import { readProject } from '../project/store.js';
import type { Runtime } from '../runtime.js';
import { beginOffsite, controlStore, openOffsite } from './offsite.js';

const FOLDER = 'erasures';
const TABLE = 'control.erasures';

const noteSchema = z.object({ id: z.guid(), note: z.string() });
const readIds = (rows: readonly unknown[]): string[] =>
  readRows(noteSchema.pick({ id: true }), TABLE, rows).map(({ id }) => id);

/**
 * Notes an erasure away from the control database, so that an older control database does not bring the tenant back. The
 * note is sealed: otherwise everybody who can write into the store could erase a tenant.
 */
export const noteErasure = async (
  runtime: Pick<Runtime, 'control' | 'target'>,
  client: pg.PoolClient,
  erasureId: string,
): Promise<void> => {
  const { rows } = await client.query(
    'SELECT to_json(e)::text AS note FROM control.erasures e WHERE id = $1',
    [erasureId],
  );
  const { id } = await readProject(runtime.control);
  const offsite = await withLock(runtime.control, 'history/control', () => beginOffsite(runtime.target, id));
  await sealText(
    offsite,
    noteOf(erasureId),
    readRows(noteSchema.pick({ note: true }), TABLE, rows)[0]?.note ?? '',
  );
};

/**
 * Notes erasures again whose note is missing because objects were lost or are older. Lists the notes once, whatever the
 * number of erasures. The caller holds the history's lock.
 */
export const sendErasureNotes = async (control: pg.Pool, offsite: OffsiteStore): Promise<void> => {
  const noted = new Set<string>();
  for await (const { key } of offsite.store.list(`${FOLDER}/`)) noted.add(key);
  const { rows } = await control.query(
    `SELECT id, to_json(e)::text AS note FROM control.erasures e WHERE state = 'done'`,
  );
  for (const { id, note } of readRows(noteSchema, TABLE, rows))
    if (!noted.has(sealedKey(noteOf(id)))) await sealText(offsite, noteOf(id), note);
};

/** Records the noted erasures that the control database does not know. @returns the ids of all tenants that were erased. */
export const takeErasureNotes = async (
  runtime: Pick<Runtime, 'control' | 'target'>,
  projectId: string,
): Promise<{ readonly erased: ReadonlySet<string> }> => {
  const { control, target } = runtime;
  const store = controlStore(target.objects);
  for await (const { key } of store.list(`${FOLDER}/`)) {
    const name = fileOfSealed(key)?.join('/');
    if (name === undefined || !name.endsWith('.json')) continue;
    const note = await openText(await openOffsite(target, projectId), name);
    await control.query(
      `INSERT INTO control.erasures AS known SELECT * FROM json_populate_record(NULL::control.erasures, $1)
       ON CONFLICT (id) DO UPDATE SET state = excluded.state, slug = NULL, certificate = excluded.certificate,
         finished_at = excluded.finished_at WHERE known.state IN ('waiting', 'running')`,
      [note],
    );
  }
  const { rows } = await control.query(
    `SELECT DISTINCT tenant_id AS id FROM control.erasures WHERE state = 'done'`,
  );
  return { erased: new Set(readIds(rows)) };
};

/** Removes the notes of throw-away tenants, found by the range of their ids. */
export const removeErasureNotes = async (
  { control, target }: Pick<Runtime, 'control' | 'target'>,
  first: string,
  last: string,
): Promise<void> => {
  const { rows } = await control.query('SELECT id FROM control.erasures WHERE tenant_id BETWEEN $1 AND $2', [
    first,
    last,
  ]);
  for (const id of readIds(rows)) await controlStore(target.objects).delete(sealedKey(noteOf(id)));
};

const noteOf = (erasureId: string): string => `${FOLDER}/${erasureId}.json`;
