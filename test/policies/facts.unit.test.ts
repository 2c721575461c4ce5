import { expect, it } from 'vitest';
import type { Whereabouts } from '../../core/whereabouts.js';
import { judge } from '../../policies/judge.js';
import { promisesOf, tenantOf } from './promises.js';

const verdictOn = (found: Pick<Whereabouts, 'answer'> & { region?: string }): string | undefined => {
  const told = { what: 'object clinica', evidence: 'its report', ...found } as Whereabouts;
  return judge([{ kind: 'fact', found: told }], promisesOf())[0]?.verdict;
};

it.each([
  [{ answer: 'region', region: 'eu-west-1' }, 'passed'],
  // The jurisdiction that a Durable Object reports of itself.
  [{ answer: 'region', region: 'eu' }, 'passed'],
  [{ answer: 'region', region: 'eu-west-2' }, 'violated'],
  [{ answer: 'region', region: 'weur' }, 'cannot-tell'],
  [{ answer: 'here' }, 'cannot-tell'],
  [{ answer: 'unknown' }, 'cannot-tell'],
  // There is nothing that could be anywhere.
  [{ answer: 'none' }, undefined],
] as const)('what is observed, %j, is judged %s', (found, verdict) => {
  expect(verdictOn(found)).toBe(verdict);
});

it('a manifest that came round its schema is judged for its quotas too', () => {
  const tenant = tenantOf();
  const without = { ...tenant, quotas: { ...tenant.quotas, connections: 0 } };
  const said = (subject: typeof tenant) =>
    judge([{ kind: 'manifest', tenant: subject }], promisesOf()).find(({ rule }) => rule === 'quotas');
  expect(said(tenant)).toMatchObject({ verdict: 'passed', subject: 'manifest clinica' });
  expect(said(without)).toMatchObject({ verdict: 'violated', message: 'sets no limit for connections' });
});
