import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Decrypter, generateIdentity, identityToRecipient } from 'age-encryption';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Recipients, readRecipients } from '../../../../data-plane/transfer/age/recipients.js';
import { useDatabase } from '../../../support/cell-database.js';
import type { DemoTenant } from '../../demo/clinics.js';
import { plantSealedTenant } from '../../keys/rotation/scene.js';
import { openExport } from '../export/archive.js';
import { exportOf, importInto, plantEmpty, stateOf, useFolder } from './scene.js';

const NAMES = new Map([['aurora', 'beta']]);

describe('A sealed export', () => {
  const db = useDatabase();
  const folder = useFolder();
  const path = join(folder.path, 'a.zip.age');
  let from: DemoTenant;
  let to: DemoTenant;
  let secrets: readonly string[];
  let recipients: Recipients;
  let identityPath: string;

  const identityFile = (secret: string): string => {
    const file = join(folder.path, `${Math.random()}.key`);
    writeFileSync(file, `${secret}\n`);
    chmodSync(file, 0o600);
    return file;
  };

  beforeAll(async () => {
    from = await plantSealedTenant(db, 'aurora', 40);
    to = await plantEmpty(db, 'beta');
    secrets = [await generateIdentity(), await generateIdentity()];
    recipients = (await readRecipients(
      await Promise.all(secrets.map(identityToRecipient)),
      [],
    )) as Recipients;
    identityPath = identityFile(secrets[1] ?? '');
    const report = await exportOf(db, from, 'aurora', path, [from.key], recipients);
    expect([report.sealedTo, report.bytes]).toEqual([recipients.keys, statSync(path).size]);
  });

  it('is a zip for each of its recipients, and shows nothing to others', async () => {
    const sealed = readFileSync(path);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    for (const plain of ['PK\u0003\u0004', 'manifest.json', 'clinical.', 'aurora', from.tenantId])
      expect(sealed.includes(plain), plain).toBe(false);
    for (const secret of secrets) {
      const decrypter = new Decrypter();
      decrypter.addIdentity(secret);
      const zip = join(folder.path, `${secret.slice(-8)}.zip`);
      writeFileSync(zip, await decrypter.decrypt(sealed));
      const opened = openExport(zip, zip.replace('.zip', ''));
      expect(opened.objects('clinics/aurora/clinical.patients.jsonl').length).toBeGreaterThan(10);
      expect(opened.checkSums()).not.toContain('FAILED');
    }
  });

  it('is told to each clinic, with its recipients', async () => {
    const { rows } = await db.admin.query<{ detail: { sealedTo: string[] } }>(
      `SELECT detail FROM clinical.audit_events WHERE action = 'export'`,
    );
    expect(rows.map(({ detail }) => detail.sealedTo)).toEqual([recipients.keys, recipients.keys]);
  });

  it('leaves nothing when it fails, and nothing readable before', async () => {
    const never = join(folder.path, 'never.zip.age');
    await expect(exportOf(db, from, 'aurora', never, [to.key], recipients)).rejects.toThrow();
    await expect(exportOf(db, from, 'aurora', path, [from.key], recipients)).rejects.toThrow(
      'exists already',
    );
    let draft: Buffer | undefined;
    await exportOf(db, from, 'aurora', never, [from.key], recipients, () => {
      const name = readdirSync(folder.path).find((file) => file.endsWith('.draft')) ?? '';
      draft = readFileSync(join(folder.path, name));
    });
    expect(draft?.subarray(0, 21).toString()).toBe('age-encryption.org/v1');
    expect(draft?.includes('manifest.json')).toBe(false);
    expect(readdirSync(folder.path).filter((name) => name.endsWith('.draft'))).toEqual([]);
  });

  const damaged: [string, (bytes: Buffer) => Buffer][] = [
    ['cut short', (bytes) => bytes.subarray(0, bytes.length - 100)],
    ['cut to its header', (bytes) => bytes.subarray(0, 300)],
    ['with another byte in its header', (bytes) => flipped(bytes, 60)],
    ['with another byte at its beginning', (bytes) => flipped(bytes, 1_000)],
    ['with another byte in its middle', (bytes) => flipped(bytes, Math.floor(bytes.length / 2))],
    ['with another byte at its end', (bytes) => flipped(bytes, bytes.length - 1)],
  ];

  it.each(damaged)('%s is refused, with nothing written', async (_, damage) => {
    const before = await stateOf(db, to);
    const file = join(folder.path, `${Math.random()}.zip.age`);
    writeFileSync(file, damage(readFileSync(path)));
    await expect(importInto(db, to, file, { clinicNames: NAMES, identityPath })).rejects.toMatchObject({
      code: 'import_refused',
    });
    expect(await stateOf(db, to)).toEqual(before);
  });

  it('needs the right key', async () => {
    const before = await stateOf(db, to);
    await expect(importInto(db, to, path, { clinicNames: NAMES })).rejects.toMatchObject({
      code: 'usage',
      fix: expect.stringContaining('--identity-file'),
    });
    const stranger = identityFile(await generateIdentity());
    await expect(
      importInto(db, to, path, { clinicNames: NAMES, identityPath: stranger }),
    ).rejects.toMatchObject({ code: 'import_refused', message: expect.stringContaining('no key of') });
    const plain = join(folder.path, 'plain.zip');
    await exportOf(db, from, 'aurora', plain);
    await expect(importInto(db, to, plain, { clinicNames: NAMES, identityPath })).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('not sealed'),
    });
    expect(await stateOf(db, to)).toEqual(before);
  });

  it('is imported as a plain one is, and leaves nothing decrypted', async () => {
    const before = readdirSync(folder.path);
    const report = await importInto(db, to, path, { clinicNames: NAMES, identityPath });
    expect(report.problems).toEqual([]);
    expect(Object.keys(report.added)).toHaveLength(2);
    const again = await importInto(db, to, join(folder.path, 'plain.zip'), { clinicNames: NAMES });
    expect([again.problems, again.added]).toEqual([[], {}]);
    expect(again.same).toBeGreaterThan(300);
    expect(readdirSync(folder.path)).toEqual(before);
  });
});

const flipped = (bytes: Buffer, at: number): Buffer => {
  const changed = Buffer.from(bytes);
  changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
  return changed;
};
