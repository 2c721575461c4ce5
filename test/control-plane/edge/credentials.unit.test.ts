import { expect, test } from 'vitest';
import { edgeKeys } from '../../../control-plane/edge/keys.js';
import { cloudflareAccount } from '../../../targets/edge/cloudflare/credentials.js';

const ID = '0123456789abcdef0123456789abcdef';
const OTHER = 'fedcba9876543210fedcba9876543210';
const whole = { CLOUDFLARE_API_TOKEN: 'token', CLOUDFLARE_ACCOUNT_ID: ID, CLOUDFLARE_ZONE_ID: ID };

test('the account is of the environment, else of the settings; the token of the environment alone', () => {
  const url = 'https://api.cloudflare.com/client/v4';
  expect(cloudflareAccount(whole, { accountId: OTHER, zoneId: OTHER })).toEqual({
    accountId: ID,
    zoneId: ID,
    token: 'token',
    url,
  });
  const { CLOUDFLARE_API_TOKEN } = whole;
  expect(cloudflareAccount({ CLOUDFLARE_API_TOKEN }, { accountId: OTHER, zoneId: OTHER })).toMatchObject({
    accountId: OTHER,
    zoneId: OTHER,
  });
});

test.each([
  [{ CLOUDFLARE_API_TOKEN: '' }, 'key_access_denied', 'CLOUDFLARE_API_TOKEN is not set'],
  [{ CLOUDFLARE_ACCOUNT_ID: undefined }, 'config_invalid', 'CLOUDFLARE_ACCOUNT_ID is not set'],
  [
    { CLOUDFLARE_ZONE_ID: 'clinics.example' },
    'config_invalid',
    'CLOUDFLARE_ZONE_ID is not an id of Cloudflare',
  ],
])('%j is refused', (changes, code, message) => {
  expect(() => cloudflareAccount({ ...whole, ...changes }, {})).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining(message) }),
  );
});

const KEYS = {
  RINGFENCE_EDGE_OPERATOR_KEY: 'operator-operator-operator',
  RINGFENCE_EDGE_ORIGIN_KEY: 'origin-origin-origin-origin',
};

test.each([
  [{ RINGFENCE_EDGE_OPERATOR_KEY: undefined }, 'RINGFENCE_EDGE_OPERATOR_KEY is not set'],
  [{ RINGFENCE_EDGE_ORIGIN_KEY: 'short' }, 'RINGFENCE_EDGE_ORIGIN_KEY has less than 24 characters'],
  [{ RINGFENCE_EDGE_ORIGIN_KEY: KEYS.RINGFENCE_EDGE_OPERATOR_KEY }, 'are the same'],
])('keys of the edge: %j is refused, and never shown', (changes, message) => {
  expect(edgeKeys(KEYS)).toEqual({
    operator: 'operator-operator-operator',
    origin: 'origin-origin-origin-origin',
  });
  expect(() => edgeKeys({ ...KEYS, ...changes })).toThrow(
    expect.objectContaining({ code: 'config_invalid', message: expect.stringContaining(message) }),
  );
  expect(() => edgeKeys({ ...KEYS, ...changes })).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining('operator-operator') }),
  );
});
