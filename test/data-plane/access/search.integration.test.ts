import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TenantDatabase } from '../../../data-plane/access/tenant-database.js';
import { deriveKey } from '../../../data-plane/keys/derive-key.js';
import { lengthPrefixed } from '../../../data-plane/keys/length-prefixed.js';
import { localKeyring } from '../../../data-plane/keys/local-keyring.js';
import { resealTenant } from '../../../data-plane/keys/rotation/reseal.js';
import { type TenantKeys, tenantKeys } from '../../../data-plane/keys/tenant-keys.js';
import { memoryWrappedKeyStore } from '../keys/memory-wrapped-key-store.js';
import { type Colleague, useClinics } from './clinic-scene.js';

const PATIENT = { patient_name: 'Ana', phone: '+34 600 111 222', medical_history: '', locale: 'es' };

describe('a search in sealed columns', () => {
  const scene = useClinics();
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-search-'));
  const store = memoryWrappedKeyStore();
  let keys: TenantKeys;
  let rootKeyId: string;
  let who: Colleague;

  beforeAll(async () => {
    const root = localKeyring(folder);
    rootKeyId = await root.ensureRoot('test', { mayCreate: true });
    keys = tenantKeys({ root, store, cacheTtlMs: 1 });
    who = await scene.clinic('search');
    (await keys.create(who.tenantId, rootKeyId)).wipe();
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const run = <T>(work: (db: TenantDatabase) => Promise<T>): Promise<T> =>
    scene.access({ tenantKeys: keys }).run(who.token(), who.clinicId, work);
  const insert = (row: Partial<typeof PATIENT>) =>
    run((db) => db.rows.insert('clinical.patients', { ...PATIENT, ...row }));
  const find = (where: Partial<typeof PATIENT>) =>
    run(async (db) => (await db.rows.find('clinical.patients', where)).map(({ id }) => id));
  /** Gives a row the index that version 1 of the rule made, here of its normal form. */
  const indexAsBefore = async (id: string, kind: 'name' | 'phone', form: string): Promise<void> => {
    const key = deriveKey(await keys.load(who.tenantId), { purpose: 'blind-index', clinicId: who.clinicId });
    const bytes = createHmac('sha256', key)
      .update(lengthPrefixed(['ringfence/blind-index/v1', kind, form]))
      .digest();
    const column = kind === 'name' ? 'patient_name_index' : 'phone_index';
    await scene.database.admin.query(`UPDATE clinical.patients SET ${column} = $1 WHERE id = $2`, [
      bytes,
      id,
    ]);
  };
  const rotate = async (version: number, reseal: boolean): Promise<void> => {
    (await keys.create(who.tenantId, rootKeyId, version)).wipe();
    const all = Array.from({ length: version }, (_, before) => keys.load(who.tenantId, before + 1));
    if (reseal)
      await resealTenant(scene.database.connection, { tenantId: who.tenantId, keys: await Promise.all(all) });
  };

  it('for a text without a letter or digit finds nobody, and such rows are like others', async () => {
    const texts = ['', '---', ' ', '\u0301'];
    for (const text of texts) await insert({ patient_name: text, phone: text });
    for (const text of texts) {
      expect(await find({ phone: text })).toEqual([]);
      expect(await find({ patient_name: text })).toEqual([]);
    }
    const { rows } = await scene.database.admin.query(
      `SELECT count(*)::int AS count, count(DISTINCT index)::int AS distinct, min(length(index)) AS min, max(length(index)) AS max
         FROM clinical.patients, unnest(ARRAY[phone_index, patient_name_index]) AS index WHERE clinic_id = $1`,
      [who.clinicId],
    );
    expect(rows).toEqual([{ count: 8, distinct: 8, min: 32, max: 32 }]);
  });

  it('finds a person as others write them, and nobody else', async () => {
    const mohan = await insert({ patient_name: 'मोहन', phone: '९८१२३ ४५६७८' });
    const mihan = await insert({ patient_name: 'मीहन', phone: '९८१२३ ४५६७९' });
    const lukasz = await insert({ patient_name: 'Łukasz O’Neil', phone: '+44 (0)20 7946 0958' });
    expect(await find({ patient_name: 'मोहन' })).toEqual([mohan]);
    expect(await find({ patient_name: 'मीहन' })).toEqual([mihan]);
    expect(await find({ phone: '98123 45679' })).toEqual([mihan]);
    expect(await find({ patient_name: 'lukasz oneil', phone: '+442079460958' })).toEqual([lukasz]);
  });

  it('finds a row that was indexed under version 1 of the rule, and no other that had the same index then', async () => {
    const begona = await insert({ patient_name: 'Begoña Núñez', phone: '+34 600 333 444' });
    await indexAsBefore(begona, 'name', 'BEGONA NUNEZ');
    await indexAsBefore(begona, 'phone', '34600333444');
    const [kamal, kamala] = [await insert({ patient_name: 'कमल' }), await insert({ patient_name: 'कमला' })];
    for (const id of [kamal, kamala]) await indexAsBefore(id, 'name', 'कमल');
    expect(await find({ patient_name: 'begona  NUNEZ' })).toEqual([begona]);
    expect(await find({ phone: '0034600333444' })).toEqual([begona]);
    expect(await find({ phone: '34600333444' })).toEqual([]);
    expect(await find({ patient_name: 'कमल' })).toEqual([kamal]);
    expect(await run((db) => db.sealed.search('clinical.patients', 'patient_name', 'कमल'))).toHaveLength(1);
  });

  it('finds all by the new rule alone once the keys are rotated', async () => {
    const old = await insert({ patient_name: 'کریم رضایی', phone: '+98 912 345 6789' });
    await indexAsBefore(old, 'name', 'کریم رضایی');
    await rotate(2, true);
    const { rows } = await run(async (db) =>
      db.query('SELECT id FROM clinical.patients WHERE patient_name_index = $1', [
        await db.sealed.index('clinical.patients', 'patient_name', 'كريم رضايى'),
      ]),
    );
    expect(rows).toEqual([{ id: old }]);
  });

  it('finds rows of every version of the key, as a restore brings back old ones', async () => {
    const restored = await insert({ phone: '+34 611 000 001' });
    await rotate(3, false);
    await rotate(4, false);
    const fresh = await insert({ phone: '+34 611 000 001' });
    expect((await find({ phone: '+34 611 000 001' })).sort()).toEqual([restored, fresh].sort());
    await rotate(5, true);
    await keys.destroy(who.tenantId, 2);
    expect((await find({ phone: '+34 611 000 001' })).sort()).toEqual([restored, fresh].sort());
  });
});
