import { expect, test } from 'vitest';
import { OPERATION_KINDS, OPERATION_STATES, STEP_STATES } from '../../../control-plane/operation/kinds.js';
import { TENANT_STATES } from '../../../core/lifecycle.js';
import { useDatabase } from '../../support/cell-database.js';

const control = useDatabase('control');

test.each([
  ['operations', 'operations_kind_check', Object.keys(OPERATION_KINDS)],
  ['operations', 'operations_state_check', OPERATION_STATES],
  ['operation_steps', 'operation_steps_state_check', STEP_STATES],
  // One that is erased has no record.
  ['tenants', 'tenants_state_check', TENANT_STATES.filter((state) => state !== 'erased')],
])('the database takes the words of the code: control.%s, %s', async (table, name, words) => {
  const { rows } = await control.admin.query<{ definition: string }>(
    `SELECT pg_get_constraintdef(oid) AS definition FROM pg_constraint WHERE conrelid = $1::regclass AND conname = $2`,
    [`control.${table}`, name],
  );
  const taken = [...(rows[0]?.definition ?? '').matchAll(/'([^']+)'::text/g)].map(([, word]) => word);
  expect(taken.sort()).toEqual([...words].sort());
});
