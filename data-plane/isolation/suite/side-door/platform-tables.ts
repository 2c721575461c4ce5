import { attempt } from '../../attempt.js';
import { each, type Family } from '../family.js';
import { judgeRefusal } from '../judge.js';
import { asClinic } from '../stage.js';

/** Tables that no application reads: Ringfence's own but the list of clinics, and those that hold the platform's secrets. */
export const PLATFORM_TABLES: Family = {
  scenario: 'side-door',
  id: 'platform-table',
  isolation: [2, 12],
  tried: (of) => `Reading ${of}, which belongs to the platform and not to a clinic`,
  expected: 'refused by the database',
  over: (stage) => stage.platformTables,
  attack: (stage) =>
    asClinic(stage, stage.a, (client) =>
      each(stage.platformTables, async (name) => judgeRefusal(await attempt(client, `SELECT FROM ${name}`))),
    ),
};
