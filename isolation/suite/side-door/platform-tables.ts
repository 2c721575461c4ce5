import { attempt } from '../../attempt.js';
import { each, type Family } from '../family.js';
import { judgeRefusal } from '../judge.js';
import { asClinic } from '../stage.js';

/** Ringfence's own tables but the list of clinics, and the platform's secrets. */
const TABLES = [
  'ringfence.tenants',
  'ringfence.quotas',
  'ringfence.support_grants',
  'ringfence.permissions',
  'ringfence.audit_chain',
  'ringfence.prices',
  'ringfence_private.context_keys',
  'ringfence_private.doors',
  'ringfence_private.assignments',
  'ringfence_private.ledgers',
  'ringfence_private.usage',
  'ringfence_private.active_users',
  'edge.secrets',
];

/** Tables that no application reads. */
export const PLATFORM_TABLES: Family = {
  scenario: 'side-door',
  id: 'platform-table',
  isolation: [2, 12],
  tried: (of) => `Reading ${of}, which belongs to the platform and not to a clinic`,
  expected: 'refused by the database',
  over: () => TABLES,
  attack: (stage) =>
    asClinic(stage, stage.a, (client) =>
      each(TABLES, async (name) => judgeRefusal(await attempt(client, `SELECT FROM ${name}`))),
    ),
};
