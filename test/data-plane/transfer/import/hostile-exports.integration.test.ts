import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { useDatabase } from '../../../support/cell-database.js';
import type { DemoTenant } from '../../demo/clinics.js';
import { plantSealedTenant } from '../../keys/rotation/scene.js';
import { openExport } from '../export/archive.js';
import { exportOf, importInto, plantEmpty, stateOf, useFolder } from './scene.js';

const PATIENTS = 'clinics/aurora/clinical.patients.jsonl';
const SERVICES = 'clinics/aurora/clinical.services.jsonl';

/** Makes a zip anew from a folder, with what a Python snippet adds: `z` is the zip, `entries` its files by name. */
const PACK = `
import os, sys, zipfile, struct
folder, path, extra = sys.argv[1:4]
entries = {}
for base, _, names in os.walk(folder):
    for name in names:
        full = os.path.join(base, name)
        if not os.path.islink(full):
            entries[os.path.relpath(full, folder)] = open(full, 'rb').read()
with zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED) as z:
    for name, data in sorted(entries.items()):
        z.writestr(name, data)
    exec(extra)
`;

describe('A hostile or damaged export', () => {
  const db = useDatabase();
  const folder = useFolder();
  let to: DemoTenant;
  let good: string;
  let before: unknown;
  let made = 0;

  beforeAll(async () => {
    const from = await plantSealedTenant(db, 'aurora', 8);
    to = await plantEmpty(db, 'aurora-b');
    await db.admin.query(`UPDATE ringfence.clinics SET slug = 'aurora' WHERE id = $1`, [to.clinics[0].id]);
    const zip = join(folder.path, 'good.zip');
    await exportOf(db, from, 'aurora', zip);
    good = openExport(zip, join(folder.path, 'good')).folder;
    before = await stateOf(db, to);
  });

  const copy = (): string => {
    const path = join(folder.path, `case-${made++}`);
    cpSync(good, path, { recursive: true });
    return path;
  };
  const sum = (path: string): void => {
    const lines = readFileSync(join(path, 'SHA256SUMS'), 'utf8').split('\n').filter(Boolean);
    const again = lines.map((line) => {
      const name = line.slice(66);
      return `${createHash('sha256')
        .update(readFileSync(join(path, name)))
        .digest('hex')}  ${name}\n`;
    });
    writeFileSync(join(path, 'SHA256SUMS'), again.join(''));
  };
  const edit = (path: string, file: string, change: (text: string) => string): void =>
    writeFileSync(join(path, file), change(readFileSync(join(path, file), 'utf8')));
  const pack = (path: string, extra = ''): string => {
    const zip = `${path}.zip`;
    execFileSync('python3', ['-W', 'ignore', '-c', PACK, path, zip, extra]);
    return zip;
  };
  const manifest =
    (change: (value: Record<string, unknown>) => void) =>
    (text: string): string => {
      const value = JSON.parse(text) as Record<string, unknown>;
      change(value);
      return JSON.stringify(value);
    };

  it('is taken when it is neither', async () => {
    const report = await importInto(db, to, pack(copy()), { dryRun: true });
    expect(report.problems).toEqual([]);
    expect(Object.keys(report.added)).toHaveLength(2);
  });

  const zips: [string, string, RegExp][] = [
    ['a path that climbs out', `z.writestr('../../etc/passwd', 'x')`, /relative path|plain path/],
    ['an absolute path', `z.writestr('/etc/passwd', 'x')`, /absolute path|plain path/],
    ['a path with a drive', `z.writestr('C:/x', 'x')`, /absolute path|plain path/],
    [
      'a path with backslashes',
      `i = zipfile.ZipInfo('x'); i.filename = 'clinics\\\\x'; z.writestr(i, 'x')`,
      /invalid characters|plain path/,
    ],
    ['a path with a line break', `z.writestr('clinics/á\\nb', 'x')`, /plain path/],
    ['a hidden file', `z.writestr('clinics/.x', 'x')`, /plain path/],
    ['a folder of its own', `z.writestr('clinics/x/', '')`, /plain path/],
    ['a file twice', `z.writestr('manifest.json', '{}')`, /two files manifest.json/],
    ['a file that no export has', `z.writestr('run.sh', 'x')`, /run.sh.* not in SHA256SUMS/],
    [
      'a symbolic link',
      `i = zipfile.ZipInfo('clinics/link'); i.external_attr = 0o120777 << 16; z.writestr(i, '/etc/passwd')`,
      /link/,
    ],
    [
      'a device',
      `i = zipfile.ZipInfo('clinics/null'); i.external_attr = 0o020666 << 16; z.writestr(i, '')`,
      /special file/,
    ],
    ['another compression', `z.writestr('x', b'x' * 100, zipfile.ZIP_BZIP2)`, /compressed in a way/],
    ['a bomb', `z.writestr('x', bytes(200 * 1024 * 1024))`, /unfolds to/],
    ['too many files', `[z.writestr(f'f{n}', '') for n in range(20001)]`, /more than 20000 files/],
  ];
  it.each(zips)('%s in the zip is refused', async (_, extra, message) => {
    await expect(importInto(db, to, pack(copy(), extra))).rejects.toMatchObject({
      code: 'import_refused',
      message: expect.stringMatching(message),
    });
  });

  const bytes: [string, (zip: Buffer) => Buffer, RegExp][] = [
    [
      'no zip',
      () => Buffer.from('not a zip at all, but long enough to look for an end record'),
      /End of central directory/i,
    ],
    ['an empty file', () => Buffer.alloc(0), /cannot be read/],
    ['one that is cut off', (zip) => zip.subarray(0, zip.length - 40), /cannot be read/],
    [
      'a flipped byte in a file',
      (zip) => Buffer.from(zip).fill(zip.readUInt8(200) ^ 0xff, 200, 201),
      /cannot be read|checksum/,
    ],
    [
      'files that overlap',
      (zip) => {
        const changed = Buffer.from(zip);
        for (let at = changed.indexOf('PK\x01\x02'); at >= 0; at = changed.indexOf('PK\x01\x02', at + 4))
          changed.writeUInt32LE(zip.length, at + 20);
        return changed;
      },
      /overlap/,
    ],
    [
      'a size that is not true',
      (zip) => {
        const changed = Buffer.from(zip);
        const at = changed.indexOf('PK\x01\x02');
        changed.writeUInt32LE(changed.readUInt32LE(at + 24) + 1, at + 24);
        return changed;
      },
      /cannot be read/,
    ],
    [
      'encryption',
      (zip) => {
        const changed = Buffer.from(zip);
        const at = changed.indexOf('PK\x01\x02');
        changed.writeUInt16LE(changed.readUInt16LE(at + 8) | 1, at + 8);
        return changed;
      },
      /encrypted/,
    ],
  ];
  it.each(bytes)('a zip that is %s is refused', async (_, change, message) => {
    const zip = pack(copy());
    writeFileSync(zip, change(readFileSync(zip)));
    await expect(importInto(db, to, zip)).rejects.toMatchObject({
      code: 'import_refused',
      message: expect.stringMatching(message),
    });
  });

  const folders: [string, (path: string) => void, RegExp][] = [
    ['a changed row', (path) => edit(path, PATIENTS, (text) => text.replace('a', 'b')), /checksum differs/],
    ['a missing file', (path) => rmSync(join(path, PATIENTS)), /there is no .*patients.jsonl/],
    ['no checksums', (path) => rmSync(join(path, 'SHA256SUMS')), /there is no SHA256SUMS/],
    [
      'checksums with a line of another kind',
      (path) => edit(path, 'SHA256SUMS', (text) => `${text}x\n`),
      /line that no export has/,
    ],
    [
      'checksums that name a file twice',
      (path) => edit(path, 'SHA256SUMS', (text) => text + text),
      /line that no export has/,
    ],
    [
      'a file without a checksum',
      (path) => writeFileSync(join(path, 'clinics', 'more.jsonl'), ''),
      /not in SHA256SUMS/,
    ],
    ['a link', (path) => symlinkSync('/etc/passwd', join(path, 'clinics', 'link')), /link/],
    [
      'a manifest of another format',
      (path) => {
        edit(
          path,
          'manifest.json',
          manifest((value) => Object.assign(value, { version: 2 })),
        );
        sum(path);
      },
      /not that of an export: version/,
    ],
    [
      'a manifest that is not JSON',
      (path) => {
        writeFileSync(join(path, 'manifest.json'), '{');
        sum(path);
      },
      /not JSON/,
    ],
    [
      'a manifest with a clinic that climbs out',
      (path) => {
        edit(path, 'manifest.json', (text) => text.replace('"slug": "aurora"', '"slug": "../../x"'));
        sum(path);
      },
      /slug/,
    ],
    [
      'a manifest that names a clinic twice',
      (path) => {
        edit(
          path,
          'manifest.json',
          manifest((value) =>
            Object.assign(value, { clinics: [...(value.clinics as []), ...(value.clinics as [])] }),
          ),
        );
        sum(path);
      },
      /clinic twice/,
    ],
    [
      'a manifest that does not name a clinic',
      (path) => {
        edit(
          path,
          'manifest.json',
          manifest((value) => Object.assign(value, { clinics: (value.clinics as []).slice(1) })),
        );
        sum(path);
      },
      /no export has/,
    ],
    [
      'bytes that are not UTF-8',
      (path) => {
        writeFileSync(join(path, PATIENTS), Buffer.from([0x7b, 0xff, 0x7d, 0x0a]));
        sum(path);
      },
      /not UTF-8/,
    ],
  ];
  it.each(folders)('%s in the folder is refused', async (_, change, message) => {
    const path = copy();
    change(path);
    await expect(importInto(db, to, path)).rejects.toMatchObject({
      code: 'import_refused',
      message: expect.stringMatching(message),
    });
  });

  const other = '00000000-0000-4000-8000-000000000000';
  const rows: [string, string, (line: string) => string, string | null, RegExp][] = [
    [
      'a row of another clinic',
      SERVICES,
      (line) => line.replace(/"clinic_id":"[^"]+"/, `"clinic_id":"${other}"`),
      'clinic_id',
      /not the clinic/,
    ],
    [
      'a clinic id twice',
      SERVICES,
      (line) => line.replace('{', `{"clinic_id":"${other}",`),
      'clinic_id',
      /twice/,
    ],
    ['a column twice', SERVICES, (line) => line.replace('{', `{"name":"x",`), 'name', /twice/],
    [
      'an unknown column',
      SERVICES,
      (line) => line.replace('{', '{"rolsuper":true,'),
      'rolsuper',
      /no column of clinical.services/,
    ],
    ['a prototype', SERVICES, (line) => line.replace('{', '{"__proto__":{"x":1},'), '__proto__', /no column/],
    [
      'a blind index of its own',
      PATIENTS,
      (line) => line.replace('{', '{"phone_index":"\\\\x00",'),
      'phone_index',
      /no column/,
    ],
    [
      'an envelope of its own',
      PATIENTS,
      (line) => line.replace('{', '{"phone_sealed":"\\\\x00",'),
      'phone_sealed',
      /no column/,
    ],
    ['half a line', SERVICES, (line) => line.slice(0, 20), null, /not a JSON object/],
    ['a list', SERVICES, () => '[1]', null, /not a JSON object/],
    ['too many brackets', SERVICES, () => `{"name":${'['.repeat(100_000)}`, null, /not a JSON object/],
    [
      'a key that is SQL',
      SERVICES,
      (line) => line.replace(/"id":"[^"]+"/, `"id":"'; DROP TABLE clinical.staff; --"`),
      'id',
      /not a UUID/,
    ],
    [
      'an object for a text',
      SERVICES,
      (line) => line.replace(/"name":"[^"]*"/, '"name":{"x":1}'),
      'name',
      /not a value/,
    ],
    ['a NUL', SERVICES, (line) => line.replace(/"name":"[^"]*"/, '"name":"\\u0000"'), 'name', /character/],
    [
      'half a surrogate pair in a sealed text',
      PATIENTS,
      (line) => line.replace(/"patient_name":"[^"]*"/, '"patient_name":"\\ud800"'),
      'patient_name',
      /character/,
    ],
    [
      'a number that is none',
      SERVICES,
      (line) => line.replace(/"duration_minutes":\d+/, '"duration_minutes":1e99'),
      'duration_minutes',
      /type integer/,
    ],
  ];
  it.each(rows)(
    '%s is a problem of its line, and nothing is written',
    async (_, file, change, column, message) => {
      const path = copy();
      edit(path, file, (text) =>
        text
          .split('\n')
          .map((line, at) => (at === 1 ? change(line) : line))
          .join('\n'),
      );
      sum(path);
      const report = await importInto(db, to, path);
      expect(report.problems).toContainEqual({
        file,
        line: 2,
        column,
        message: expect.stringMatching(message),
      });
      expect(report.added).toEqual({});
    },
  );

  it('and none of them changed anything', async () => {
    expect(await stateOf(db, to)).toEqual(before);
  });
});
