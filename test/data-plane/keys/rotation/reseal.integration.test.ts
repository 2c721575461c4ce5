import { setTimeout as pause } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { blindIndex } from '../../../../data-plane/keys/blind-index.js';
import { encryptField, fieldKey } from '../../../../data-plane/keys/field-envelope.js';
import { anyVersionIndex, anyVersionReader } from '../../../../data-plane/keys/rotation/any-version.js';
import { resealTenant } from '../../../../data-plane/keys/rotation/reseal.js';
import type { TenantKey } from '../../../../data-plane/keys/tenant-key.js';
import { useDatabase } from '../../../support/cell-database.js';
import { type DemoTenant, digestRows } from '../../demo/clinics.js';
import { plantSealedTenant, readFields, versionsOf } from './scene.js';

const PATIENTS = 500;

describe('A tenant whose fields are sealed again', () => {
  const db = useDatabase();
  let tenant: DemoTenant;
  let other: DemoTenant;
  let keys: TenantKey[];
  const names = new Map<string, string>();

  const reseal = (versions: readonly TenantKey[], onBatch?: () => void) =>
    resealTenant(db.connection, {
      tenantId: tenant.tenantId,
      keys: versions,
      ...(onBatch ? { onBatch } : {}),
    });

  /** Looks each patient up by name, as an application does. @returns how many were found. */
  const found = async (versions: readonly TenantKey[]): Promise<number> => {
    let count = 0;
    for (const clinic of tenant.clinics) {
      const index = anyVersionIndex(versions, clinic.id);
      for (const [rowId, name] of names) {
        const { rows } = await db.admin.query(
          'SELECT FROM clinical.patients WHERE clinic_id = $1 AND id = $2 AND patient_name_index = ANY ($3)',
          [clinic.id, rowId, index.name(name)],
        );
        count += rows.length;
      }
    }
    return count;
  };

  beforeAll(async () => {
    tenant = await plantSealedTenant(db, 'rotated', PATIENTS);
    other = await plantSealedTenant(db, 'neighbour', 20);
    keys = versionsOf(tenant, 3);
    const { texts } = await readFields(db.admin, tenant, keys);
    for (const [place, text] of texts) {
      const [table, column, rowId] = place.split('/');
      if (table === 'clinical.patients' && column === 'patient_name_sealed') names.set(rowId ?? '', text);
    }
    expect(names.size).toBe(PATIENTS);
  });

  it('is read and searched in both versions while it goes on, and a run that ended early is gone on with', async () => {
    const before = await readFields(db.admin, tenant, keys);
    const two = keys.slice(0, 2);
    let batches = 0;
    const crash = () => {
      batches += 1;
      if (batches === 3) throw new Error('power cut');
    };
    await expect(reseal(two, crash)).rejects.toThrow();
    const halfway = await readFields(db.admin, tenant, keys);
    expect(Object.keys(halfway.versions)).toEqual(['1', '2']);
    expect(halfway.texts).toEqual(before.texts);
    expect(await found(two)).toBe(PATIENTS);
    expect(await found([keys[1] as TenantKey])).toBeLessThan(PATIENTS);

    const report = await reseal(two);
    const after = await readFields(db.admin, tenant, keys);
    expect(after.versions).toEqual({ 2: before.texts.size });
    expect(after.texts).toEqual(before.texts);
    expect(await found([keys[1] as TenantKey])).toBe(PATIENTS);
    console.log(
      `${before.texts.size} fields: ${halfway.versions[2]} sealed before the end, ${report.rows} rows after, ` +
        `${PATIENTS} of ${PATIENTS} patients found halfway`,
    );
    expect(await reseal(two)).toMatchObject({ rows: 0, refused: 0 });
  });

  it('makes phone indexes of the same text', async () => {
    for (const clinic of tenant.clinics) {
      const index = blindIndex(keys[1] as TenantKey, clinic.id);
      const read = anyVersionReader(keys, clinic.id);
      const { rows } = await db.admin.query(
        'SELECT id, phone_sealed, phone_index FROM clinical.patients WHERE clinic_id = $1',
        [clinic.id],
      );
      for (const { id, phone_sealed, phone_index } of rows) {
        const phone = read({ table: 'clinical.patients', column: 'phone_sealed', rowId: id }, phone_sealed);
        expect(index.phone(phone).equals(phone_index)).toBe(true);
      }
    }
  });

  it('loses no update of an application that writes at the same time, in either version', async () => {
    const written = new Map<string, string>();
    const untilMs = performance.now() + 1_200;
    const write = async (key: TenantKey, turn: number): Promise<number> => {
      const rows = [...names.keys()].filter((_, at) => at % 2 === turn);
      let count = 0;
      for (; performance.now() < untilMs; count++) {
        const rowId = rows[count % rows.length] as string;
        const phone = `+34 6${String(count).padStart(8, '0')}`;
        const { rows: owner } = await db.admin.query(
          'SELECT clinic_id FROM clinical.patients WHERE id = $1',
          [rowId],
        );
        const clinicId = owner[0].clinic_id as string;
        const place = { table: 'clinical.patients', column: 'phone_sealed', rowId };
        await db.admin.query(
          'UPDATE clinical.patients SET phone_sealed = $3, phone_index = $4 WHERE clinic_id = $1 AND id = $2',
          [
            clinicId,
            rowId,
            encryptField(fieldKey(key, clinicId), place, phone),
            blindIndex(key, clinicId).phone(phone),
          ],
        );
        written.set(rowId, phone);
      }
      return count;
    };
    const [, second, third] = keys as [TenantKey, TenantKey, TenantKey];
    const writers = [write(second, 0), write(third, 1)];
    const [rotation, ...counts] = await Promise.all([reseal(keys), ...writers]);
    // What the application writes under the old key after the last look is for the next run.
    await reseal(keys);
    expect(rotation.rows).toBeGreaterThan(0);
    const { texts, versions } = await readFields(db.admin, tenant, keys);
    expect(Object.keys(versions)).toEqual(['3']);
    for (const [rowId, phone] of written) {
      expect(texts.get(`clinical.patients/phone_sealed/${rowId}`)).toBe(phone);
    }
    expect(await found([third])).toBe(PATIENTS);
    console.log(
      `${counts.join(' + ')} updates under the old and the new key beside ${rotation.rows} rows sealed again: 0 lost`,
    );
  });

  it('passes over rows that are locked, and comes back for them', async () => {
    const four = [...keys, ...versionsOf(tenant, 4).slice(3)];
    const holder = await db.admin.connect();
    await holder.query('BEGIN');
    await holder.query('SELECT FROM clinical.patients WHERE id = $1 FOR UPDATE', [[...names.keys()][0]]);
    const release = pause(600).then(async () => {
      await holder.query('COMMIT');
      holder.release();
    });
    await reseal(four);
    await release;
    expect((await readFields(db.admin, tenant, four)).versions).toEqual({ 4: expect.any(Number) });
    keys = four;
  });

  it('leaves a damaged field as it is and seals all others', async () => {
    const five = [...keys, ...versionsOf(tenant, 5).slice(4)];
    const damage = `UPDATE clinical.messages SET body_sealed = set_byte(body_sealed, 60, get_byte(body_sealed, 60) # 1)
                     WHERE id = (SELECT id FROM clinical.messages WHERE clinic_id = $1 LIMIT 1) RETURNING body_sealed`;
    const { rows } = await db.admin.query(damage, [tenant.clinics[0].id]);
    const report = await reseal(five);
    expect(report.refused).toBe(1);
    expect(report.tables).toContainEqual(expect.objectContaining({ table: 'clinical.messages', refused: 1 }));
    const left = await db.admin.query('SELECT FROM clinical.messages WHERE body_sealed = $1', [
      rows[0].body_sealed,
    ]);
    expect(left.rowCount).toBe(1);
  });

  it('changes nothing of another tenant', async () => {
    const digests = await digestRows(db.admin, other.clinics);
    await reseal([...keys, ...versionsOf(tenant, 6).slice(4)]);
    expect(await digestRows(db.admin, other.clinics)).toEqual(digests);
    expect((await readFields(db.admin, other, [other.key])).versions).toEqual({ 1: expect.any(Number) });
  });
});
