import pg from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import { withConnection } from '../../../data-plane/database/connect.js';
import { endClinicSessions } from '../../../data-plane/enrolment/end-sessions.js';
import { plantClinic, type TestClinic, tokenFor, useDatabase } from '../../support/cell-database.js';

describe('an access that has ended', () => {
  const db = useDatabase();
  const sessions: pg.Client[] = [];
  const stopped: number[] = [];
  afterEach(async () => {
    for (const pid of stopped.splice(0)) process.kill(pid, 'SIGCONT');
    for (const session of sessions.splice(0)) await session.end().catch(() => undefined);
  });

  const openSession = async () => {
    const session = new pg.Client(db.appConnection);
    session.on('error', () => undefined);
    await session.connect();
    sessions.push(session);
    return session;
  };
  const enter = (session: pg.Client, clinic: TestClinic) =>
    session.query('SELECT ringfence.enter($1)', [tokenFor(session as unknown as pg.PoolClient, clinic)]);
  const close = ({ clinicId }: TestClinic) =>
    db.admin.query(`UPDATE ringfence.clinics SET state = 'closed' WHERE id = $1`, [clinicId]);
  const end = ({ clinicId }: TestClinic, graceMs?: number) =>
    withConnection(db.connection, (client) =>
      endClinicSessions(client, [clinicId], graceMs === undefined ? {} : { graceMs }),
    );

  it('is said not to be over while a session that the machine does not let run is in', async () => {
    const clinic = await plantClinic(db.admin, 'stopped');
    const session = await openSession();
    await session.query('BEGIN');
    await enter(session, clinic);
    const { processID } = session as unknown as { processID: number };
    process.kill(processID, 'SIGSTOP');
    stopped.push(processID);
    await close(clinic);
    await expect(end(clinic, 300)).rejects.toMatchObject({
      code: 'timeout',
      message: expect.stringContaining(String(processID)),
    });
    process.kill(stopped.pop() as number, 'SIGCONT');
    await end(clinic);
    await expect(session.query('COMMIT')).rejects.toThrow();
  });

  it('reaches a transaction that came in by a snapshot from before', async () => {
    const clinic = await plantClinic(db.admin, 'stale');
    const session = await openSession();
    await session.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await session.query('SELECT 1');
    await close(clinic);
    const ended = end(clinic);
    await enter(session, clinic).catch(() => undefined);
    await ended;
    await expect(session.query('SELECT FROM clinical.services')).rejects.toThrow();
  });
});
