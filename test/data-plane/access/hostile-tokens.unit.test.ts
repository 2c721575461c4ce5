import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createAccess } from '../../../data-plane/access/create-access.js';
import type { Directory } from '../../../data-plane/access/directory/directory.js';
import type { ReportedRefusal } from '../../../data-plane/access/refusals/refusal-reporter.js';
import type { TokenRules } from '../../../data-plane/access/token/verify-token.js';
import { hostileTokens } from './hostile-tokens.js';
import { AUDIENCE, ISSUER, identityProvider } from './token-maker.js';

/** Knows no clinic, so that a token which passes ends in clinic_not_found and needs no database. */
const emptyDirectory: Directory = {
  locate: async () => undefined,
  forget: () => undefined,
  close: async () => undefined,
};
const CLINIC: string = randomUUID();
/** Stands still: a slow machine may take seconds from making a token to reading it. */
const NOW_MS = Date.UTC(2026, 10, 27, 12);
const now = (): Date => new Date(NOW_MS);

/** Whether a token was believed: it got as far as the directory. */
const outcomeOf = async (
  rules: Partial<TokenRules> & Pick<TokenRules, 'keys'>,
  token: string,
  clinicId = CLINIC,
  refusals: ReportedRefusal[] = [],
): Promise<{ code: string; message: string }> => {
  const access = createAccess({
    issuer: ISSUER,
    audience: AUDIENCE,
    ...rules,
    now,
    directory: emptyDirectory,
    onRefused: (refusal) => void refusals.push(refusal),
  });
  return access.run(token, clinicId, async () => ({ code: 'ran', message: '' })).catch((error) => error);
};

describe('hostile tokens', () => {
  const idp = identityProvider(now);
  const rules = { keys: idp.keys };

  it('are all refused, with one message, and reported', async () => {
    const hostile = await hostileTokens(idp, CLINIC);
    const believed: string[] = [];
    const messages = new Set<string>();
    const refusals: ReportedRefusal[] = [];
    for (const [name, token] of hostile) {
      const { code, message } = await outcomeOf(rules, token, CLINIC, refusals);
      if (code !== 'token_refused' && code !== 'access_refused') believed.push(`${name}: ${code}`);
      if (code === 'token_refused') messages.add(message);
    }
    console.log(`      ${hostile.length} hostile tokens, ${believed.length} accepted`);
    expect(believed).toEqual([]);
    expect(hostile.length).toBeGreaterThanOrEqual(60);
    expect([...messages]).toEqual(['the token is refused']);
    expect(refusals).toHaveLength(hostile.length);
    expect(new Set(refusals.map(({ reason }) => reason)).size).toBeGreaterThan(10);
    expect(JSON.stringify(refusals)).not.toContain('attacker');
  });

  it.each([
    ['as it is', {}],
    ['expired 3 seconds ago', { exp: idp.nowSeconds() - 3 }],
    ['issued 3 seconds ahead', { iat: idp.nowSeconds() + 3 }],
    ['with claims that we do not know', { scope: 'openid', nested: { a: [1, { b: null }] }, amr: ['pwd'] }],
  ])('a sound token is believed: %s', async (_, changes) => {
    expect(await outcomeOf(rules, idp.token(CLINIC, changes))).toMatchObject({ code: 'clinic_not_found' });
  });

  it('a token opens no other clinic, whatever the URL or header asks for', async () => {
    const asked = [randomUUID(), CLINIC.toUpperCase(), `${CLINIC}/..`, '', '*', 'null'];
    for (const clinicId of asked)
      expect(await outcomeOf(rules, idp.token(CLINIC), clinicId)).toMatchObject({ code: 'access_refused' });
  });

  it('a hook that throws or hangs changes nothing, and is called at most 100 times at once', async () => {
    let calls = 0;
    const access = createAccess({
      ...rules,
      issuer: ISSUER,
      audience: AUDIENCE,
      directory: emptyDirectory,
      onRefused: () => {
        calls++;
        if (calls % 2 === 0) throw new Error('the audit log is full');
        return new Promise(() => undefined);
      },
    });
    const attempts = Array.from({ length: 400 }, () => access.run('x', CLINIC, async () => undefined));
    const results = await Promise.allSettled(attempts);
    expect(results.every(({ status }) => status === 'rejected')).toBe(true);
    expect(calls).toBeLessThanOrEqual(200);
  });

  it.each([
    ['a private key', { keys: [{ ...idp.ec.privateKey.export({ format: 'jwk' }) }] }],
    ['a shared secret', { keys: [{ kty: 'oct', k: 'c2VjcmV0' }] }],
    ['a URL without TLS', new URL('http://id.example/jwks.json')],
  ])('keys are not taken from %s', (_, keys) => {
    const options = { issuer: ISSUER, audience: AUDIENCE, directory: emptyDirectory };
    expect(() => createAccess({ ...options, keys: keys as never })).toThrow(/key/);
    const algorithms = ['HS256'] as never;
    expect(() => createAccess({ ...options, keys: idp.keys, algorithms })).toThrow(/algorithm/);
  });
});

describe('a fetched key set', () => {
  const idp = identityProvider();

  const served = async (status: number, work: (url: URL, fetches: () => number) => Promise<void>) => {
    let fetches = 0;
    const server = createServer((_, response) => {
      fetches++;
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(idp.keys));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = server.address() as AddressInfo;
      await work(new URL(`http://127.0.0.1:${port}/jwks.json`), () => fetches);
    } finally {
      server.closeAllConnections();
      server.close();
      await pause(0);
    }
  };
  const flood = async (keys: URL, kid: (n: number) => string): Promise<Set<string>> => {
    const access = createAccess({ keys, issuer: ISSUER, audience: AUDIENCE, directory: emptyDirectory });
    const codes = new Set<string>();
    for (let n = 0; n < 200; n++) {
      const token = idp.token(CLINIC, {}, { kid: kid(n) });
      codes.add(await access.run(token, CLINIC, async () => 'ran').catch(({ code }) => code));
    }
    return codes;
  };

  it('is fetched once for 200 sound tokens and once for 200 with unknown keys', async () => {
    await served(200, async (url, fetches) => {
      expect(await flood(url, () => 'key-1')).toEqual(new Set(['clinic_not_found']));
      expect(fetches()).toBe(1);
      expect(await flood(url, (n) => `unknown-${n}`)).toEqual(new Set(['token_refused']));
      expect(fetches()).toBeLessThanOrEqual(3);
    });
  });

  it('that fails refuses all and is not asked again for each token', async () => {
    await served(500, async (url, fetches) => {
      expect(await flood(url, () => 'key-1')).toEqual(new Set(['identity_unavailable']));
      expect(fetches()).toBe(1);
    });
  });
});
