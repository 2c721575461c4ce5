import { describe, expect, it } from 'vitest';
import { deriveClinicId, parseCellName, parseClinicId, parseSlug, parseTenantId } from '../../core/ids.js';
import {
  assertTransition,
  maySubscriptionTransition,
  mayTransition,
  SUBSCRIPTION_STATES,
  subscriptionMayWrite,
  TENANT_STATES,
} from '../../core/lifecycle.js';
import {
  defaultRegion,
  REGION_NAMES,
  REGIONS,
  RESIDENCIES,
  regionsOf,
  residencyProblem,
} from '../../core/regions.js';
import { enabledModules, RingfenceError } from '../../manifest/index.js';

describe('ids', () => {
  it.each([
    '',
    'a',
    'ab',
    'Ab1',
    '1ab',
    'ab-',
    'a--b',
    '../x',
    'a b',
    "a';--",
    'a'.repeat(41),
    'ñandu',
    'ab\n',
  ])('refuses %j as a slug', (text) => {
    expect(() => parseSlug(text)).toThrow(RingfenceError);
    expect(() => parseCellName(text)).toThrow(RingfenceError);
  });

  it.each(['abc', 'a-b', 'a'.repeat(40), 'clinica-sonrisa'])('takes %j as a slug', (text) => {
    expect(parseSlug(text)).toBe(text);
  });

  it('takes a UUID in any case, and nothing else', () => {
    expect(parseClinicId('3F0C2B1E-5D64-4B8F-9A57-1D2E8C7B6A01')).toBe(
      '3f0c2b1e-5d64-4b8f-9a57-1d2e8c7b6a01',
    );
    expect(() => parseTenantId("'; drop table tenants")).toThrow('not a tenant id: a UUID is expected');
  });

  it('derives the same clinic id everywhere, another one for each clinic', () => {
    expect(deriveClinicId('uno', 'centro')).toBe(deriveClinicId('uno', 'centro'));
    expect(deriveClinicId('uno', 'centro')).not.toBe(deriveClinicId('dos', 'centro'));
    expect(deriveClinicId('uno', 'centro')).toMatchInlineSnapshot(`"e92981a4-37ff-547a-bcef-3c5f3a8122f9"`);
  });
});

describe('regions', () => {
  it('the EU is these seven, and neither London nor Zurich', () => {
    expect(regionsOf('eu')).toEqual([
      'eu-central-1',
      'eu-west-1',
      'eu-west-3',
      'eu-north-1',
      'eu-south-1',
      'eu-south-2',
      'eusc-de-east-1',
    ]);
  });

  it('every residency has a region, and its default satisfies it', () => {
    for (const residency of RESIDENCIES) {
      expect(regionsOf(residency)).not.toEqual([]);
      expect(residencyProblem(defaultRegion(residency), residency)).toBeUndefined();
    }
    expect(regionsOf('any')).toEqual(REGION_NAMES);
    expect(Object.values(REGIONS).every(({ country }) => /^[A-Z]{2}$/.test(country))).toBe(true);
  });

  it('says which country is not which', () => {
    expect(residencyProblem('us-east-1', 'gb')).toBe(
      'us-east-1 is Northern Virginia: the United States is not the United Kingdom; allowed: eu-west-2',
    );
  });
});

describe('lifecycle', () => {
  it('an erased tenant stays erased, an active one is never erased directly', () => {
    expect(TENANT_STATES.filter((state) => mayTransition('erased', state))).toEqual([]);
    expect(mayTransition('active', 'erased')).toBe(false);
    expect(() => assertTransition('active', 'erased')).toThrow(
      'a tenant that is active cannot become erased',
    );
    expect(() => assertTransition('suspended', 'active')).not.toThrow();
  });

  it('writes go on only in TRIAL and ACTIVE', () => {
    expect(SUBSCRIPTION_STATES.filter(subscriptionMayWrite)).toEqual(['TRIAL', 'ACTIVE']);
    expect(maySubscriptionTransition('TRIAL', 'EXPIRED')).toBe(true);
    expect(maySubscriptionTransition('ACTIVE', 'TRIAL')).toBe(false);
  });
});

it('a package has its modules, and the extra ones are added once', () => {
  expect(enabledModules({ package: 'basic', modules: ['telemedicine', 'billing'] })).toEqual([
    'appointments',
    'patients',
    'conversations',
    'notifications',
    'billing',
    'telemedicine',
  ]);
});
