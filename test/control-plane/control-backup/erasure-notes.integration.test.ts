import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { sendErasureNotes } from '../../../control-plane/control-backup/erasure-notes.js';
import { sealedKey } from '../../../data-plane/backup/offsite/sealed-object.js';
import { folderStore } from '../../../data-plane/objects/folder-store.js';
import type { ObjectStore } from '../../../data-plane/objects/object-store.js';
import { useDatabase } from '../../support/cell-database.js';

const control = useDatabase('control');
const folder = mkdtempSync(join(tmpdir(), 'ringfence-notes-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A store that counts what it is asked. */
const counting = (store: ObjectStore) => {
  const asked = { put: 0, stat: 0, list: 0 };
  const counted: ObjectStore = {
    ...store,
    put: (...given) => {
      asked.put++;
      return store.put(...given);
    },
    stat: (key) => {
      asked.stat++;
      return store.stat(key);
    },
    list: (prefix) => {
      asked.list++;
      return store.list(prefix);
    },
  };
  return { asked, counted };
};

it('asks the object store once for the notes of all erasures, and sends only those that it lacks', async () => {
  await control.admin.query(
    `INSERT INTO control.erasures (tenant_id, slug_digest, cells, clinic_ids, state, reason, requested_by,
       requested_at, due_at, resume, certificate, finished_at)
     SELECT gen_random_uuid(), sha256('x'), '{one}', '{}', 'done', 'closes', 'ana', now(), now(), false, '{}', now()
       FROM generate_series(1, 40)`,
  );
  const { asked, counted } = counting(folderStore(folder));
  const offsite = { store: counted, ownerId: randomUUID(), key: randomBytes(32), keyVersion: 1 };
  await sendErasureNotes(control.admin, offsite);
  expect(asked).toEqual({ put: 40, stat: 0, list: 1 });
  const { rows } = await control.admin.query<{ id: string }>('SELECT id FROM control.erasures LIMIT 1');
  await counted.delete(sealedKey(`erasures/${rows[0]?.id}.json`));
  await sendErasureNotes(control.admin, offsite);
  expect(asked).toEqual({ put: 41, stat: 0, list: 2 });
});
