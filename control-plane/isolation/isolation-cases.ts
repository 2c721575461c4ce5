import type pg from 'pg';
import { RingfenceError } from '../../core/errors.js';
import { CANARY_SLUG_PREFIX, canaryId } from '../../isolation/suite/canary-ids.js';
import type { Outcome, SuiteCase } from '../../isolation/suite/case.js';
import { beginOperation, endOperation, recordStep } from '../operation/store.js';
import { withLock } from '../project/lock.js';
import type { Runtime } from '../runtime.js';

const held = (cameBack: string): Outcome => ({ verdict: 'held', cameBack });
const leaked = (cameBack: string): Outcome => ({ verdict: 'leaked', cameBack });

/** Tables that name a tenant; referring tables come before the tables that they refer to. */
const RECORDS = ['audit_anchors', 'backups', 'clinics', 'erasures', 'holds', 'operations', 'tenant_keys'];

/** Removes what the control database keeps of throw-away tenants, found by the range of their ids. */
export const removeCanaryRecords = async (control: pg.Pool, first: string, last: string): Promise<void> => {
  for (const table of RECORDS)
    await control.query(`DELETE FROM control.${table} WHERE tenant_id BETWEEN $1 AND $2`, [first, last]);
  await control.query('DELETE FROM control.tenants WHERE id BETWEEN $1 AND $2', [first, last]);
};

/** Cases on the locks that keep two runs of the control plane apart, with throw-away names. */
export const controlPlaneCases = ({ control, caller }: Pick<Runtime, 'control' | 'caller'>): SuiteCase[] => [
  {
    id: 'half-moved-clinic/operation/two-at-once',
    isolation: [33],
    tried: 'Changing a tenant while another run changes it',
    expected: 'refused at once, and free again afterwards',
    run: async () => {
      const name = `tenant/${CANARY_SLUG_PREFIX}${canaryId()}`;
      const busy = () => new RingfenceError('tenant_busy', 'busy');
      const second = await withLock(control, name, () =>
        withLock(control, name, async () => 'let in', busy).catch((error: unknown) =>
          error instanceof RingfenceError ? error.code : 'internal',
        ),
      );
      if (second !== 'tenant_busy') return leaked(`the second run was not refused (${second})`);
      return withLock(control, name, async () => held('refused (tenant_busy), then free'), busy);
    },
  },
  {
    id: 'half-moved-clinic/operation/taken-over',
    isolation: [32, 33],
    tried: 'Taking over a change whose run was killed, and letting the killed run go on all the same',
    expected: "the new run has the next number; the old run's steps and its end change nothing",
    run: async () => {
      const tenantId = canaryId();
      const fields = {
        tenantId,
        slug: `${CANARY_SLUG_PREFIX}${tenantId.slice(-12)}`,
        kind: 'apply' as const,
        caller,
      };
      const killed = await beginOperation(control, fields);
      const next = await beginOperation(control, fields);
      if (next.id !== killed.id || next.attempt !== killed.attempt + 1)
        return leaked('the change was begun twice');
      if (!next.recover) return leaked('the new run was not told that one was killed');
      await recordStep(control, next, 'by the new run', 'begun');
      await recordStep(control, killed, 'by the killed run', 'begun');
      await endOperation(control, killed);
      const { rows } = await control.query<{ step: string; state: string }>(
        'SELECT step, state FROM control.operations WHERE id = $1',
        [next.id],
      );
      await endOperation(control, next);
      return rows[0]?.step === 'by the new run' && rows[0].state === 'running'
        ? held('the killed run changed nothing')
        : leaked('the killed run went on');
    },
  },
];
