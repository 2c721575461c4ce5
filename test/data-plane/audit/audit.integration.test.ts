import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type pg from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';
import { auditLineView } from '../../../control-plane/audit/views.js';
import { FIRST_HASH, nextHash } from '../../../data-plane/audit/chain.js';
import { exportAudit, followExport } from '../../../data-plane/audit/export.js';
import { queryAudit } from '../../../data-plane/audit/query.js';
import { verifyAudit } from '../../../data-plane/audit/verify.js';
import { withConnection } from '../../../data-plane/database/connect.js';
import { withdraw } from '../../../data-plane/enrolment/withdraw.js';
import {
  asClinic,
  plantClinic,
  plantStaff,
  type TestClinic,
  tokenFor,
  useDatabase,
} from '../../support/cell-database.js';

const vectors = JSON.parse(readFileSync(new URL('./chain.vectors.json', import.meta.url), 'utf8')) as Array<{
  event: string;
  hash: string;
}>;

describe('the audit log', () => {
  const db = useDatabase();
  let clinic: TestClinic;

  const addService = (client: pg.ClientBase, name: string) =>
    client.query(`INSERT INTO clinical.services (name, duration_minutes) VALUES ($1, 30)`, [name]);
  const verify = ({ tenantId }: TestClinic, anchors: { seq: number; hash: Buffer }[] = []) =>
    withConnection(db.connection, (client) => verifyAudit(client, tenantId, anchors));
  const eventsOf = async ({ clinicId }: TestClinic) =>
    (
      await db.admin.query(
        `SELECT e.actor, e.action, e.subject, e.detail FROM clinical.audit_events e
           JOIN ringfence.audit_chain k ON k.event_id = e.id WHERE e.clinic_id = $1 ORDER BY k.seq`,
        [clinicId],
      )
    ).rows;

  beforeAll(async () => {
    clinic = await plantClinic(db.admin, 'audited');
  });

  it('chains as the vectors say', () => {
    let hash = FIRST_HASH;
    for (const vector of vectors) {
      hash = nextHash(hash, vector.event);
      expect(hash.toString('hex')).toBe(vector.hash);
    }
  });

  it('has every write with who, what and which rows, in the same transaction', async () => {
    const admin = await plantStaff(db.admin, clinic, 'admin');
    await asClinic(db.app, admin, (client) => addService(client, 'first'), 'COMMIT');
    await asClinic(db.app, admin, (client) => addService(client, 'rolled back'));
    await asClinic(
      db.app,
      clinic,
      (client) => client.query(`UPDATE clinical.services SET duration_minutes = 45`),
      'COMMIT',
    );
    await asClinic(db.app, clinic, (client) => client.query(`DELETE FROM clinical.services`), 'COMMIT');
    await asClinic(db.app, clinic, (client) => client.query(`DELETE FROM clinical.services`), 'COMMIT');
    const events = (await eventsOf(clinic)).filter(({ subject }) => subject === 'clinical.services');
    expect(events.map(({ actor, action, detail }) => [actor, action, detail.rows, detail.rowsDelta])).toEqual(
      [
        [`admin:${admin.userId}`, 'insert', 1, 1],
        ['service', 'update', 1, 0],
        ['service', 'delete', 1, -1],
      ],
    );
    expect(events[0].detail.keys).toEqual(events[2].detail.keys);
    expect(await verify(clinic)).toMatchObject({ problems: [] });
  });

  it('cannot be written, changed or emptied by an application', async () => {
    for (const statement of [
      `INSERT INTO clinical.audit_events (actor, action, subject) VALUES ('x', 'y', 'z')`,
      `UPDATE clinical.audit_events SET actor = 'x'`,
      'DELETE FROM clinical.audit_events',
      'TRUNCATE clinical.audit_events',
      'SELECT * FROM ringfence.audit_chain',
      'SELECT * FROM ringfence_private.ledgers',
      `SELECT ringfence_private.audit_write()`,
    ])
      await expect(asClinic(db.app, clinic, (client) => client.query(statement))).rejects.toMatchObject({
        code: '42501',
      });
    const ours = 'insert update delete refused support restore export suspended resumed'.split(' ');
    for (const action of ours)
      await expect(
        asClinic(db.app, clinic, (client) => client.query(`SELECT ringfence.audit($1, 'x')`, [action])),
        action,
      ).rejects.toMatchObject({ code: '22023' });
    await expect(db.app.query(`SELECT ringfence.audit('print', 'x')`)).rejects.toMatchObject({
      code: '42501',
    });
  });

  it('takes events of the application, whose words count towards no quota', async () => {
    await asClinic(
      db.app,
      clinic,
      (client) =>
        client.query(`SELECT ringfence.audit('print', 'patient', '{"rowsDelta": -1000, "pages": 2}')`),
      'COMMIT',
    );
    expect((await eventsOf(clinic)).at(-1)).toMatchObject({
      action: 'print',
      detail: { application: { pages: 2, rowsDelta: -1000 } },
    });
  });

  it('is read by those who answer for the clinic, and by an auditor without names', async () => {
    const read = async (role: string) => {
      const person = await plantStaff(db.admin, clinic, role);
      return asClinic(db.app, person, async (client) => {
        const direct = await client.query('SELECT FROM clinical.audit_events');
        const trail = await client.query('SELECT * FROM ringfence.audit_trail()');
        return { direct: direct.rowCount, trail: trail.rows };
      });
    };
    const owner = await read('owner');
    expect(owner.direct).toBeGreaterThan(0);
    expect((await read('auditor')).direct).toBe(0);
    expect((await read('reception')).direct).toBe(0);
    expect((await read('reception')).trail).toEqual([]);
    const auditor = await read('auditor');
    expect(auditor.trail.length).toBeGreaterThan(0);
    const uuid = /[0-9a-f]{8}-[0-9a-f]{4}/;
    expect(JSON.stringify(owner.trail)).toMatch(uuid);
    expect(JSON.stringify(auditor.trail)).not.toMatch(uuid);
    const anonymous = await withConnection(db.connection, (client) =>
      queryAudit(client, clinic.tenantId, { limit: 100, anonymous: true }),
    );
    expect(anonymous.length).toBeGreaterThan(0);
    expect(JSON.stringify(anonymous)).not.toMatch(uuid);
  });

  it('keeps refused attempts, of a suspended clinic too, and at most 20 a minute of each who attempts', async () => {
    const quiet = await plantClinic(db.admin, 'attacked');
    await db.admin.query(`UPDATE ringfence.tenants SET state = 'suspended' WHERE id = $1`, [quiet.tenantId]);
    const client = await db.app.connect();
    try {
      let kept = 0;
      for (let n = 0; n < 65; n++) {
        const { rows } = await client.query('SELECT ringfence.record_refusal($1, $2) AS kept', [
          tokenFor(client, quiet),
          'token_expired',
        ]);
        if (rows[0].kept) kept += 1;
      }
      expect(kept).toBe(20);
      const known = tokenFor(client, { ...quiet, userId: randomUUID() });
      const { rows: told } = await client.query(
        `SELECT ringfence.record_refusal($1, 'clinic_other') AS kept`,
        [known],
      );
      expect(told).toEqual([{ kept: true }]);
      const foreign = tokenFor(client, { tenantId: clinic.tenantId, clinicId: quiet.clinicId });
      await expect(
        client.query('SELECT ringfence.record_refusal($1, $2)', [foreign, 'x']),
      ).rejects.toMatchObject({ code: '42501' });
    } finally {
      client.release();
    }
    expect(await verify(quiet)).toMatchObject({ events: 21, problems: [] });
  });

  describe('of which something was changed by an administrator', () => {
    const tamper = async (statement: string, find = 'problem') => {
      const victim = await plantClinic(db.admin, `tampered-${randomUUID().slice(0, 8)}`);
      for (const name of ['a', 'b', 'c', 'd', 'e'])
        await asClinic(db.app, victim, (client) => addService(client, name), 'COMMIT');
      const sound = await verify(victim);
      expect(sound).toMatchObject({ events: 5, problems: [] });
      await db.admin.query(
        `DO $$ DECLARE clinic uuid := '${victim.clinicId}'; tenant uuid := '${victim.tenantId}'; BEGIN ${statement} END $$`,
      );
      const { problems } = await verify(victim, [{ seq: sound.head.seq, hash: sound.head.hash }]);
      return { problems: problems.map((problem) => problem[find as 'problem']), victim };
    };
    const third = `(SELECT event_id FROM ringfence.audit_chain WHERE tenant_id = tenant AND seq = 3)`;

    it.each([
      ['an event removed', `DELETE FROM clinical.audit_events WHERE id = ${third};`, ['removed']],
      [
        'an actor edited',
        `UPDATE clinical.audit_events SET actor = 'owner:x' WHERE id = ${third};`,
        ['edited'],
      ],
      [
        'a time edited',
        `UPDATE clinical.audit_events SET at = at - interval '1 us' WHERE id = ${third};`,
        ['edited'],
      ],
      ['a detail edited', `UPDATE clinical.audit_events SET detail = '{}' WHERE id = ${third};`, ['edited']],
      [
        'an event and its link removed',
        `DELETE FROM clinical.audit_events WHERE id = ${third}; DELETE FROM ringfence.audit_chain WHERE tenant_id = tenant AND seq = 3;`,
        ['gap'],
      ],
      [
        'the end cut off',
        `DELETE FROM clinical.audit_events WHERE id IN (SELECT event_id FROM ringfence.audit_chain WHERE tenant_id = tenant AND seq > 3);
         DELETE FROM ringfence.audit_chain WHERE tenant_id = tenant AND seq > 3;`,
        ['cut off', 'cut off'],
      ],
      [
        'an event slipped in',
        `SET LOCAL session_replication_role = replica;
         INSERT INTO clinical.audit_events (clinic_id, actor, action, subject) VALUES (clinic, 'x', 'y', 'z');`,
        ['added'],
      ],
      [
        'the whole chain rewritten, its end too',
        `UPDATE clinical.audit_events SET actor = 'owner:x' WHERE id = ${third};
         DECLARE link record; previous bytea := decode(repeat('00', 32), 'hex'); BEGIN
           FOR link IN SELECT k.seq, e FROM ringfence.audit_chain k JOIN clinical.audit_events e ON e.id = k.event_id
                        WHERE k.tenant_id = tenant ORDER BY k.seq LOOP
             previous := sha256(previous || convert_to(ringfence_private.canonical_event(to_jsonb(link.e)), 'UTF8'));
             UPDATE ringfence.audit_chain SET hash = previous WHERE tenant_id = tenant AND seq = link.seq;
           END LOOP;
           UPDATE ringfence_private.ledgers SET audit_hash = previous WHERE tenant_id = tenant;
         END;`,
        ['rewritten'],
      ],
    ])('shows %s', async (_, statement, expected) => {
      expect((await tamper(statement)).problems).toEqual(expected);
    });
  });

  it('exports lines that anyone can follow, and finds a line that was changed', async () => {
    const lines: string[] = [];
    await withConnection(db.connection, async (client) => {
      for await (const line of exportAudit(client, clinic.tenantId)) lines.push(line);
      for (const line of lines) expect(auditLineView.safeParse(JSON.parse(line)).success).toBe(true);
    });
    const follow = async (changed: readonly string[]) =>
      followExport(
        (async function* () {
          yield* changed;
        })(),
      );
    expect((await follow(lines))?.problems).toEqual([]);
    const edited = lines.map((line, at) => (at === 2 ? line.replace('insert', 'select') : line));
    expect((await follow(edited))?.problems).toMatchObject([{ seq: 2, problem: 'edited' }]);
    expect((await follow(lines.filter((_, at) => at !== 2)))?.problems).toMatchObject([{ problem: 'gap' }]);
    expect(await follow(lines.slice(0, -1))).toBeUndefined();
    expect(await follow(['{"format":"other"}'])).toBeUndefined();
    expect(await follow(['nothing'])).toBeUndefined();
  });

  it('has one chain a tenant, whatever the order in which its clinics write at once', async () => {
    const busy = await plantClinic(db.admin, 'busy');
    const writes = Array.from({ length: 60 }, (_, n) =>
      asClinic(db.app, busy, (client) => addService(client, `n${n}`), 'COMMIT'),
    );
    await Promise.all(writes);
    expect(await verify(busy)).toMatchObject({ events: 60, problems: [] });
  });

  it('is whole after a transaction of many statements, whatever an application writes where its place is noted', async () => {
    const [many, other] = [await plantClinic(db.admin, 'many'), await plantClinic(db.admin, 'many-other')];
    await asClinic(db.app, other, (client) => addService(client, 'other'), 'COMMIT');
    const { rows } = await db.admin.query(
      'SELECT ctid::text AS place, tenant_id FROM ringfence_private.ledgers',
    );
    const places = ['', '(0,1)', '(4294967295,65535)', 'no place', ...rows.map(({ place }) => place)];
    for (const place of places) {
      await asClinic(
        db.app,
        many,
        async (client) => {
          await addService(client, 'before');
          await client.query('SET CONSTRAINTS ALL IMMEDIATE');
          for (let n = 0; n < 5; n++) await addService(client, `${place} ${n}`);
          await client.query('SAVEPOINT lost');
          await addService(client, 'lost');
          await client.query('ROLLBACK TO SAVEPOINT lost');
          await client.query(`SET ringfence.ledger = ${client.escapeLiteral(place)}`);
          await addService(client, 'after');
          await client.query('RESET ALL');
        },
        'COMMIT',
      );
    }
    expect(await verify(many)).toMatchObject({ events: 7 * places.length, problems: [] });
    expect(await verify(other)).toMatchObject({ events: 1, problems: [] });
  });

  it('goes with its tenant', async () => {
    const gone = await plantClinic(db.admin, 'gone');
    await asClinic(db.app, gone, (client) => addService(client, 'x'), 'COMMIT');
    await withConnection(db.connection, (client) => withdraw(client, gone.tenantId));
    const left = await db.admin.query(
      `SELECT FROM ringfence.audit_chain WHERE tenant_id = $1 UNION ALL SELECT FROM clinical.audit_events WHERE clinic_id = $2`,
      [gone.tenantId, gone.clinicId],
    );
    expect(left.rowCount).toBe(0);
  });
});

describe('what a tenant may store', () => {
  const db = useDatabase();

  const limited = async (rows: number, storageBytes: number): Promise<TestClinic> => {
    const clinic = await plantClinic(db.admin, `limited-${randomUUID().slice(0, 8)}`);
    await db.admin.query(`INSERT INTO ringfence.quotas VALUES ($1, 5, 1000, $2, $3, 100, 10, 100, 10)`, [
      clinic.tenantId,
      storageBytes,
      rows,
    ]);
    return clinic;
  };
  const fill = (clinic: TestClinic, rows: number, name = 'x') =>
    asClinic(
      db.app,
      clinic,
      (client) =>
        client.query(
          `INSERT INTO clinical.services (name, duration_minutes) SELECT $2, 30 FROM generate_series(1, $1::int)`,
          [rows, name],
        ),
      'COMMIT',
    );

  it('ends at the rows of its plan, says what and how much, and takes rows again after deleting', async () => {
    const clinic = await limited(10, 1e9);
    await fill(clinic, 10);
    await expect(fill(clinic, 1)).rejects.toMatchObject({
      code: 'RF005',
      message: 'ringfence: over the quota rows of this tenant: 11 of 10',
      detail: '{"used": 11, "what": "rows", "limit": 10, "resets": null}',
    });
    await asClinic(db.app, clinic, (client) => client.query('DELETE FROM clinical.services'), 'COMMIT');
    await fill(clinic, 10);
  });

  it('holds when the context was reset before the commit', async () => {
    const clinic = await limited(1, 1e9);
    const write = asClinic(
      db.app,
      clinic,
      async (client) => {
        await client.query(
          `INSERT INTO clinical.services (name, duration_minutes) SELECT 'x', 30 FROM generate_series(1, 20)`,
        );
        await client.query('RESET ALL');
      },
      'COMMIT',
    );
    await expect(write).rejects.toMatchObject({ code: 'RF005' });
  });

  it('is not used up twice by events that come back with a restore', async () => {
    const clinic = await limited(100, 1e9);
    await db.admin.query(
      `INSERT INTO clinical.audit_events (clinic_id, at, actor, action, subject, detail)
       VALUES ($1, now() - interval '1 day', 'service', 'insert', 'clinical.services', '{"rowsDelta": 500, "bytesDelta": 9}')`,
      [clinic.clinicId],
    );
    await fill(clinic, 10);
  });

  it('holds exactly when many write at once', async () => {
    const clinic = await limited(20, 1e9);
    const outcomes = await Promise.allSettled(Array.from({ length: 40 }, () => fill(clinic, 1)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(20);
    const { rows } = await db.admin.query(
      'SELECT count(*)::int AS n FROM clinical.services WHERE clinic_id = $1',
      [clinic.clinicId],
    );
    expect(rows[0].n).toBe(20);
  });

  it('ends at the bytes of its plan, for updates too', async () => {
    const clinic = await limited(1000, 20_000);
    await fill(clinic, 10);
    const grow = () =>
      asClinic(
        db.app,
        clinic,
        (client) =>
          client.query(
            `UPDATE clinical.services SET name = (SELECT string_agg(md5(n::text || name), '') FROM generate_series(1, 100) n)`,
          ),
        'COMMIT',
      );
    await expect(grow()).rejects.toMatchObject({
      code: 'RF005',
      message: expect.stringContaining('storageBytes'),
    });
    expect(
      await db.admin.query('SELECT FROM clinical.services WHERE clinic_id = $1', [clinic.clinicId]),
    ).toMatchObject({
      rowCount: 10,
    });
  });
});
