import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadManifest, loadManifests, parseTenant } from '../../manifest/index.js';
import { caught, failureOf, inFolder, smallest, smallestYaml } from './manifests.js';

const EU = 'eu-central-1, eu-west-1, eu-west-3, eu-north-1, eu-south-1, eu-south-2, eusc-de-east-1';

/** The smallest manifest with lines after it; the first of them is line 9. */
const withLines = (lines: string): string => `${smallestYaml('uno')}${lines}\n`;

describe('one mistake', () => {
  const cases: readonly [name: string, yaml: string, line: string][] = [
    [
      'London is not in the EU',
      withLines('region: eu-west-2'),
      `uno.yaml:9:9 region: eu-west-2 is London: the United Kingdom is not in the EU; allowed: ${EU}`,
    ],
    [
      'Zurich is not in the EU',
      withLines('region: eu-central-2'),
      `uno.yaml:9:9 region: eu-central-2 is Zurich: Switzerland is not in the EU; allowed: ${EU}`,
    ],
    [
      'Frankfurt is not Spain',
      withLines('residency: es\nregion: eu-central-1'),
      'uno.yaml:10:9 region: eu-central-1 is Frankfurt: Germany is not Spain; allowed: eu-south-2',
    ],
    [
      'a dedicated tenant without a place',
      withLines('tier: dedicated'),
      'uno.yaml:9:7 tier: dedicated needs a place; allowed: give region or cell',
    ],
    [
      'region and cell',
      withLines('region: eu-west-1\ncell: sevilla'),
      'uno.yaml:10:7 cell: is given beside region; allowed: only one of region and cell',
    ],
    [
      'an unknown key that is close to one',
      withLines('legal_name: x'),
      'uno.yaml:9:1 legal_name: is not a known key; did you mean "legalName"?',
    ],
    [
      'an unknown key deep inside',
      withLines('backup:\n  retentionDay: 3'),
      'uno.yaml:10:3 backup.retentionDay: is not a known key; did you mean "retentionDays"?',
    ],
    [
      'a time zone',
      withLines('backup: { timeZone: Europe/Sevilla }'),
      'uno.yaml:9:21 backup.timeZone: is not an IANA time zone; allowed: one like Europe/Madrid',
    ],
    [
      'a day that never comes',
      withLines('backup: { schedule: 0 0 31 2 * }'),
      'uno.yaml:9:21 backup.schedule: is not a cron expression that ever fires; allowed: minute hour day month weekday in numbers, such as 15 2 * * *',
    ],
    ...[
      '2030-01-01T00:00:00',
      '@daily',
      '0 15 2 * * *',
      '15 2 L * *',
      '15 2 * * 1#2',
      '15 2 15W * *',
      '15 2 * jan *',
      '15 2 * * mon',
      '15 2 ? * *',
    ].map((schedule): [string, string, string] => [
      `a schedule of another kind, ${schedule}`,
      withLines(`backup: { schedule: "${schedule}" }`),
      'uno.yaml:9:21 backup.schedule: is not a cron expression that ever fires; allowed: minute hour day month weekday in numbers, such as 15 2 * * *',
    ]),
    [
      'a key given twice',
      withLines('type: solo'),
      'uno.yaml:9:1 manifest: "type" is given twice, first on line 3',
    ],
    [
      'an alias without an anchor',
      withLines('plan: *pro'),
      'uno.yaml:9:7 manifest: *pro has no anchor before it',
    ],
    [
      'a tag that runs code elsewhere',
      withLines('plan: !!js/function "x"'),
      'uno.yaml:9:21 manifest: has the tag !!js/function; allowed: values without tags',
    ],
    [
      'a tag of one’s own',
      withLines('plan: !foo pro'),
      'uno.yaml:9:12 manifest: has the tag !foo; allowed: values without tags',
    ],
    [
      'a tag that YAML knows',
      smallestYaml('uno').replace('name: Centro', 'name: !!str 2027'),
      'uno.yaml:7:17 manifest: has the tag !!str; allowed: values without tags',
    ],
    [
      'an older YAML, in which keys merge',
      `%YAML 1.1\n---\n${smallestYaml('uno')}`,
      'uno.yaml:1:1 manifest: begins with a directive (%); allowed: YAML 1.2 without any',
    ],
    [
      'a value that holds itself',
      withLines('tags: &t [*t]'),
      'uno.yaml:9:11 manifest: unfolds too many aliases; allowed: at most 200 values through aliases',
    ],
    [
      'a second document',
      withLines('---\nslug: dos'),
      'uno.yaml:9:1 manifest: a second document begins here; allowed: one manifest a file',
    ],
    [
      'two clinics of a solo tenant',
      withLines('  - { slug: norte, name: Norte, vertical: dental }'),
      'uno.yaml:5:1 clinics: are 2; allowed: exactly 1 for type solo',
    ],
    [
      'one branch of several',
      smallestYaml('uno').replace('solo', 'multi-branch'),
      'uno.yaml:5:1 clinics: are fewer than 2; allowed: at least 2 for type multi-branch',
    ],
    [
      'a clinic slug given twice',
      withLines('  - { slug: centro, name: Norte, vertical: dental }').replace('solo', 'hospital'),
      'uno.yaml:9:13 clinics[1].slug: "centro" is already the slug of clinics[0]',
    ],
    [
      'a fall-back who is nobody',
      withLines('    staffRouting: { staff: [{ id: ana, name: Ana, fallback: eva }] }'),
      'uno.yaml:9:61 clinics[0].staffRouting.staff[0].fallback: "eva" does not work in this clinic; allowed: ana',
    ],
    [
      'fall-backs in a circle',
      withLines(
        '    staffRouting:\n      staff:\n        - { id: ana, name: A, fallback: eva }\n        - { id: eva, name: E }',
      ).replace('name: E', 'name: E, fallback: ana'),
      'uno.yaml:11:41 clinics[0].staffRouting.staff[0].fallback: leads back to the same person; allowed: a chain that ends\nuno.yaml:12:41 clinics[0].staffRouting.staff[1].fallback: leads back to the same person; allowed: a chain that ends',
    ],
    [
      'a person given twice',
      withLines('    staffRouting: { staff: [{ id: ana, name: Ana }, { id: ana, name: Ana }] }'),
      'uno.yaml:9:59 clinics[0].staffRouting.staff[1].id: "ana" is taken; allowed: one entry a person, with its locations',
    ],
    [
      'a clinic that is not of the tenant',
      withLines('    staffRouting: { staff: [{ id: ana, name: Ana, locations: [norte] }] }'),
      'uno.yaml:9:63 clinics[0].staffRouting.staff[0].locations[0]: "norte" is not a clinic of this tenant; allowed: centro',
    ],
    [
      'a service that nobody offers',
      withLines('    staffRouting: { staff: [{ id: ana, name: Ana, services: [laser] }] }'),
      'uno.yaml:9:62 clinics[0].staffRouting.staff[0].services[0]: "laser" is not a service where this person works; allowed: none yet',
    ],
    [
      'a visiting doctor who signs in',
      withLines('    staffRouting: { staff: [{ id: ana, name: Ana, visiting: true, login: true }] }'),
      'uno.yaml:9:74 clinics[0].staffRouting.staff[0].login: true is not for a visiting doctor; allowed: false',
    ],
    [
      'an escalation to the same person',
      withLines(
        '    notifications: { rules: [{ person: admin, event: backup-failed, escalation: { afterMinutes: 5, to: admin } }] }',
      ),
      'uno.yaml:9:104 clinics[0].notifications.rules[0].escalation.to: is the same person; allowed: somebody else',
    ],
    [
      'Slack without a channel',
      withLines('    notifications: { channels: [email, slack] }'),
      'uno.yaml:9:22 clinics[0].notifications.channels: has slack without slackChannel; allowed: give slackChannel, or leave it out',
    ],
    [
      'a price upside down',
      withLines('    services: [{ id: laser, name: Laser, price: { min: 9.99, max: 5 } }]'),
      'uno.yaml:9:42 clinics[0].services[0].price: has min above max; allowed: min up to max',
    ],
    [
      'a public price that is not given',
      withLines('    services: [{ id: laser, name: Laser, priceVisibility: public }]'),
      'uno.yaml:9:59 clinics[0].services[0].priceVisibility: public needs a price; allowed: private, or give price',
    ],
    [
      'a number without an end',
      withLines('quotas: { rows: .inf }'),
      'uno.yaml:9:17 quotas.rows: is not a finite number; allowed: a number',
    ],
    [
      'a notification for nobody',
      withLines('    notifications: { rules: [{ person: eva, event: backup-failed }] }'),
      'uno.yaml:9:40 clinics[0].notifications.rules[0].person: "eva" does not work in this clinic; allowed: admin',
    ],
    [
      'a channel that does not reach the person',
      withLines(
        '    notifications: { channels: [sms], rules: [{ person: admin, event: backup-failed, channels: [sms] }] }',
      ),
      'uno.yaml:9:97 clinics[0].notifications.rules[0].channels[0]: sms does not reach this person; give an address for it',
    ],
    [
      'a week that closes before it opens',
      withLines('    hours: { weekly: { monday: [{ open: "18:00", close: "09:00" }] } }'),
      'uno.yaml:9:33 clinics[0].hours.weekly.monday[0]: closes before it opens; allowed: open earlier than close',
    ],
    [
      'a control character',
      smallestYaml('uno').replace('name: Centro', 'name: "Cen\\0tro"'),
      'uno.yaml:7:11 clinics[0].name: holds a control character or half of a surrogate pair; allowed: printable text',
    ],
    [
      "a name other than the file's",
      smallestYaml('dos'),
      'uno.yaml:1:7 slug: "dos" is not the file\'s name; allowed: dos.yaml',
    ],
    [
      'a slug that leaves the folder',
      smallestYaml('../etc'),
      'uno.yaml:1:7 slug: is not a slug; allowed: 3 to 40 characters: lower-case letters a-z, digits and single hyphens, a letter first, no hyphen last',
    ],
    [
      'lines that end as on Windows',
      withLines('plan: gold').replaceAll('\n', '\r\n'),
      'uno.yaml:9:7 plan: is not one of its values; allowed: starter, growth, pro, enterprise',
    ],
    ['an empty file', '', 'uno.yaml:1:1 manifest: is empty; allowed: one manifest'],
    ['only a comment', '# later\n', 'uno.yaml:1:1 manifest: is empty; allowed: one manifest'],
    ['a list', '- uno\n', 'uno.yaml:1:1 manifest: is a list; allowed: a group of keys'],
    [
      'a billion laughs',
      `a: &a [1, 1]\n${[...'bcdefghijk'].map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghij'[index]}`).join(', ')}]`).join('\n')}\n`,
      'uno.yaml:4:12 manifest: unfolds too many aliases; allowed: at most 200 values through aliases',
    ],
    [
      'brackets without an end',
      '['.repeat(100_000),
      'uno.yaml:1:1 manifest: is nested too deeply; allowed: a plain manifest',
    ],
  ];

  it.each(cases)('%s', async (_name, yaml, line) => {
    const failure = await failureOf('uno.yaml', yaml);
    expect(failure.message).toBe(line);
    expect(failure.code).toBe('manifest_invalid');
    expect(failure.exitStatus).toBe(2);
  });

  it('__proto__ is a key like any other, and unknown', async () => {
    const failure = await failureOf('uno.yaml', withLines('__proto__: { tier: dedicated }'));
    expect(failure.message).toMatch(/^uno\.yaml:9:1 __proto__: is not a known key; allowed: slug, /);
  });
});

describe('all mistakes', () => {
  it('are told at once, from the top of the file to its bottom', async () => {
    const failure = await failureOf(
      'uno.yaml',
      `slug: uno
type: sole
region: eu-west-2
admin:
  name: ""
clinics:
  - slug: norte
    vertical: dentl
    hours: { timezone: Europe/Madrid, weekly: { monday: [{ open: "10:00", close: "9" }] } }
  - slug: norte
    name: Dos
    vertical: dental
    staffRouting: { fallback: nadie }
backup: { schedule: "61 * * * *", retentionDays: 0 }
quotas: { connections: 1.5, rows: lots }
`,
    );
    expect(failure.message.split('\n')).toEqual([
      'uno.yaml:1:1 legalName: is missing; allowed: text',
      'uno.yaml:2:7 type: is not one of its values; did you mean "solo"?',
      `uno.yaml:3:9 region: eu-west-2 is London: the United Kingdom is not in the EU; allowed: ${EU}`,
      'uno.yaml:4:1 admin.email: is missing; allowed: text',
      'uno.yaml:5:9 admin.name: is empty; allowed: some text',
      'uno.yaml:7:5 clinics[0].name: is missing; allowed: text',
      'uno.yaml:8:15 clinics[0].vertical: is not one of its values; did you mean "dental"?',
      'uno.yaml:9:14 clinics[0].hours.timezone: is not a known key; did you mean "timeZone"?',
      'uno.yaml:9:82 clinics[0].hours.weekly.monday[0].close: is not a closing time; allowed: 00:01 to 24:00, in quotes',
      'uno.yaml:10:11 clinics[1].slug: "norte" is already the slug of clinics[0]',
      'uno.yaml:13:31 clinics[1].staffRouting.fallback: "nadie" does not work in this clinic; allowed: none yet',
      'uno.yaml:14:21 backup.schedule: is not a cron expression that ever fires; allowed: minute hour day month weekday in numbers, such as 15 2 * * *',
      'uno.yaml:14:50 backup.retentionDays: is below its minimum; allowed: at least 1',
      'uno.yaml:15:24 quotas.connections: is not a whole number; allowed: one without a fraction',
      'uno.yaml:15:35 quotas.rows: is text; allowed: a number',
    ]);
  });

  it('come by path when there is no file', () => {
    const { admin: _, ...rest } = smallest();
    expect(() => parseTenant({ ...rest, plan: 'gold' })).toThrow(
      'plan: is not one of its values; allowed: starter, growth, pro, enterprise\nadmin: is missing; allowed: a group of keys',
    );
  });

  it('never repeat what a person wrote about a person', async () => {
    const failure = await failureOf('uno.yaml', smallestYaml('uno').replace('ana@uno.example', 'ana(at)uno'));
    expect(failure.message).toBe(
      'uno.yaml:4:28 admin.email: is not an e-mail address; allowed: name@example.com',
    );
  });
});

describe('a file that is no manifest', () => {
  it('malformed YAML', async () => {
    const { message } = await failureOf('uno.yaml', 'slug: [1,\ntype: }\n');
    expect(message).toMatch(/^uno\.yaml:2:1 manifest: is not YAML: Flow sequence in block collection/);
  });

  it('not UTF-8', async () => {
    const { message } = await failureOf('uno.yaml', Buffer.from('legalName: Clínica', 'latin1'));
    expect(message).toBe('uno.yaml: is not UTF-8; allowed: text saved as UTF-8');
  });

  it('10 MB are refused by their size, at once', async () => {
    const text = `a: ${'x'.repeat(10_000_000)}`;
    await inFolder({ 'uno.yaml': text }, async (dir) => {
      const start = performance.now();
      const { message } = await caught(() => loadManifest(join(dir, 'uno.yaml')), dir);
      expect(message).toBe('uno.yaml: is 10000003 bytes; allowed: at most 1048576');
      expect(performance.now() - start).toBeLessThan(2_000);
    });
  });

  it('ninety thousand keys', async () => {
    const text = Array.from({ length: 90_000 }, (_, index) => `k${index}: 1`).join('\n');
    const { message } = await failureOf('uno.yaml', text);
    expect(message.split('\n')).toHaveLength(25);
  });

  it('a folder, a missing file, another kind of file', async () => {
    await inFolder({ 'uno.json': '{}' }, async (dir) => {
      await mkdir(join(dir, 'uno.yaml'));
      const folder = await caught(() => loadManifest(join(dir, 'uno.yaml')), dir);
      expect(folder.message).toBe('uno.yaml: is a folder; allowed: a manifest file');
      const missing = await caught(() => loadManifest(join(dir, 'dos.yaml')), dir);
      expect([missing.code, missing.message, missing.exitStatus]).toEqual([
        'tenant_not_found',
        'dos.yaml: no such manifest',
        6,
      ]);
      const json = await caught(() => loadManifest(join(dir, 'uno.json')), dir);
      expect(json.message).toBe('uno.json: is not a manifest by its name; allowed: <slug>.yaml or <slug>.ts');
    });
  });

  it.skipIf(process.getuid?.() === 0)('a file that may not be read', async () => {
    await inFolder({ 'uno.yaml': smallestYaml('uno') }, async (dir) => {
      await chmod(join(dir, 'uno.yaml'), 0);
      const failure = await caught(() => loadManifest(join(dir, 'uno.yaml')), dir);
      expect([failure.code, failure.message]).toEqual(['permission_denied', 'uno.yaml: may not be read']);
    });
  });

  it('TypeScript that does not compile, or exports nothing', async () => {
    const broken = await failureOf('uno.ts', 'export default {\n');
    expect(broken.message).toBe('uno.ts: does not run: ParseError: Unexpected token uno.ts:2:0');
    const silent = await failureOf('uno.ts', 'export const tenant = 1;\n');
    expect(silent.message).toBe(
      'uno.ts: has no default export; allowed: export default defineTenant({ ... })',
    );
  });
});

describe('a folder of manifests', () => {
  it('shows the good ones beside the mistakes of the others', async () => {
    const files = {
      'uno.yaml': smallestYaml('uno'),
      'dos.yaml': smallestYaml('dos').replace('dental', 'dentil'),
      'tres.ts': `import { defineTenant } from 'ringfence';\nexport default defineTenant(${JSON.stringify(smallest('tres'))});\n`,
      'index.ts': 'throw new Error("the vocabulary is not a manifest");',
      'notes.md': '# not a manifest',
    };
    await inFolder(files, async (dir) => {
      const { manifests, failures } = await loadManifests(dir);
      expect(manifests.map(({ tenant }) => tenant.slug)).toEqual(['tres', 'uno']);
      expect(failures.map(({ message }) => message.replaceAll(`${dir}/`, ''))).toEqual([
        'dos.yaml:8:15 clinics[0].vertical: is not one of its values; did you mean "dental"?',
      ]);
    });
  });

  it('names both places of what two files share, and trusts neither', async () => {
    const id = '    id: 3f0c2b1e-5d64-4b8f-9a57-1d2e8c7b6a01\n';
    const files = {
      'uno.yaml': `${smallestYaml('uno')}${id}domain: uno.example\n`,
      'uno.yml': smallestYaml('uno'),
      'dos.yaml': `${smallestYaml('dos')}${id}domain: uno.example\n`,
      'tres.yaml': smallestYaml('tres'),
    };
    await inFolder(files, async (dir) => {
      const { manifests, failures } = await loadManifests(dir);
      expect(manifests.map(({ tenant }) => tenant.slug)).toEqual(['tres']);
      expect(failures.map(({ message }) => message.replaceAll(`${dir}/`, ''))).toEqual([
        'uno.yaml:10:9 domain: this domain is also that of dos.yaml:10:9 domain; allowed: one tenant for each',
        'uno.yaml:9:9 clinics[0].id: this clinic id is also that of dos.yaml:9:9 clinics[0].id; allowed: one tenant for each',
        'uno.yml:1:7 slug: this slug is also that of uno.yaml:1:7 slug; allowed: one tenant for each',
      ]);
    });
  });

  it('that is not there', async () => {
    const failure = await inFolder({}, (dir) => caught(() => loadManifests(join(dir, 'none')), dir));
    expect([failure.code, failure.message]).toEqual([
      'tenant_not_found',
      'none: no such folder of manifests',
    ]);
  });
});
