import { describe, expect, it } from 'vitest';
import { RingfenceError } from '../../core/errors.js';
import { readExceptions } from '../../policies/exceptions/read.js';
import { judge } from '../../policies/judge.js';
import type { Subject } from '../../policies/subject.js';
import { promisesOf, tenantOf } from './promises.js';

const NOW = new Date('2027-01-15T12:00:00Z');
const KEY = 'urn:pulumi:cell.shared::ringfence::aws:kms/key:Key::key';

const file = (...entries: string[]): string => `exceptions:\n${entries.join('')}`;
const entry = (changes: Readonly<Record<string, string>> = {}): string => {
  const fields = {
    rule: 'residency',
    resource: KEY,
    owner: 'Ada',
    reason: 'the migration to Ireland ends in March',
    until: '2027-01-15',
    ...changes,
  };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}`);
  return `  - ${lines.join('\n    ')}\n`;
};

const refusal = (text: string): { code: string; message: string } => {
  try {
    readExceptions(text, 'policies.yaml', NOW);
  } catch (error) {
    if (error instanceof RingfenceError) return { code: error.code, message: error.message };
  }
  throw new Error('it was read');
};

describe('the file of exceptions', () => {
  it('is read, to the last day of each', () => {
    expect(readExceptions(file(entry()), 'policies.yaml', NOW)).toMatchObject([{ owner: 'Ada' }]);
    expect(readExceptions('# none\n', 'policies.yaml', NOW)).toEqual([]);
    expect(readExceptions('exceptions: []\n', 'policies.yaml', NOW)).toEqual([]);
  });

  it('refuses one whose last day is over, with its place and its owner', () => {
    expect(refusal(file(entry({ until: '2027-01-14' })))).toEqual({
      code: 'exception_expired',
      message: `policies.yaml:6:12 exceptions[0].until: the exception from residency for ${KEY} ended on 2027-01-14 (Ada)`,
    });
  });

  it.each([
    [{ rule: 'nothing-at-all' }, 'policies.yaml:2:11 exceptions[0].rule: there is no rule "nothing-at-all"'],
    [{ rule: 'legal-holds' }, 'policies.yaml:2:11 exceptions[0].rule: rule legal-holds has no exceptions'],
    [{ tenant: 'No Slug' }, 'policies.yaml:7:13 exceptions[0].tenant: is not the slug of a tenant'],
    [{ reason: 'short' }, 'policies.yaml:5:13 exceptions[0].reason: is too short'],
    [{ until: 'soon' }, 'policies.yaml:6:12 exceptions[0].until: is not a day'],
    [{ untill: '2027-01-31' }, 'policies.yaml:7:5 exceptions[0].untill'],
  ])('refuses %j, and says where', (changes, message) => {
    const { code, message: said } = refusal(file(entry(changes)));
    expect(code).toBe('exceptions_invalid');
    expect(said).toContain(message);
  });

  it('says everything that is wrong at once', () => {
    expect(refusal(file(entry({ owner: '""', until: 'soon' }))).message.split('\n')).toHaveLength(2);
    expect(refusal('exceptions: [').message).toMatch(/^policies.yaml:1:14 is not YAML/);
  });
});

describe('an exception', () => {
  const outside: Subject = {
    kind: 'state',
    urn: KEY,
    type: 'aws:kms/key:Key',
    name: 'key',
    inputs: { region: 'eu-west-2' },
    outputs: {},
    protect: true,
    provider: undefined,
  };
  const said = (tenants: string[], changes: Readonly<Record<string, string>>) =>
    judge(
      [outside],
      promisesOf({
        tenants: tenants.map((slug) => ({ ...tenantOf(), slug: slug as never })),
        exceptions: readExceptions(file(entry(changes)), 'policies.yaml', NOW),
      }),
    ).find(({ rule }) => rule === 'residency');

  it('excuses its resource, and leaves the verdict', () => {
    expect(said(['clinica'], {})).toMatchObject({ verdict: 'violated', exception: { owner: 'Ada' } });
    expect(said(['clinica'], { tenant: 'clinica' })?.exception).not.toBeNull();
  });

  it('excuses no other resource, no other rule, and nobody else in the same one', () => {
    expect(said(['clinica'], { resource: 'urn:of:another' })?.exception).toBeNull();
    expect(said(['clinica'], { rule: 'tags' })?.exception).toBeNull();
    expect(said(['clinica', 'otra'], { tenant: 'clinica' })?.exception).toBeNull();
  });
});
