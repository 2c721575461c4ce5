import { describe, it } from 'vitest';
import { noDebianPostgres, startDebianPostgres } from '../../support/debian-postgres.js';
import { mendsWholly, useRepairedCell } from '../../support/repaired-cell.js';
import { DAMAGE } from './repair-damage.js';

describe.skipIf(noDebianPostgres)('on the oldest Postgres that is supported', () => {
  const cell = useRepairedCell(startDebianPostgres);

  it.each(DAMAGE)('is named and put back, and the lint is clean: %s', (damage, named) =>
    mendsWholly(cell, damage, named),
  );
});
