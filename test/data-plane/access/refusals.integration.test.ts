import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { Located } from '../../../data-plane/access/directory/directory.js';
import { plantStaff } from '../../support/cell-database.js';
import { type Colleague, SERVICE, useClinics } from './clinic-scene.js';

describe('refusals that matter', () => {
  const scene = useClinics();
  const events = async ({ clinicId }: Colleague): Promise<{ actor: string; reason: string }[]> => {
    const { rows } = await scene.database.admin.query(
      `SELECT actor, detail ->> 'reason' AS reason FROM clinical.audit_events
        WHERE clinic_id = $1 AND action = 'refused' ORDER BY at`,
      [clinicId],
    );
    return rows;
  };
  const refuse = (access: ReturnType<typeof scene.access>, token: string, { clinicId }: Colleague) =>
    expect(access.query(token, clinicId, 'SELECT 1')).rejects.toMatchObject({ name: 'AccessRefusal' });

  it('are in the audit log whatever garbage comes with them, and all that is not is counted', async () => {
    const [victim, attacker] = [await scene.clinic('victim'), await scene.clinic('attacker')];
    const access = scene.access();
    const garbage = Array.from({ length: 300 }, (_, n) => refuse(access, `garbage ${n}`, victim));
    const reaching = refuse(access, attacker.token(), victim);
    await Promise.all([...garbage, reaching]);
    await expect
      .poll(async () => (await events(victim)).find(({ actor }) => actor === `user:${attacker.userId}`))
      .toMatchObject({ reason: 'clinic_other' });
    // What was dropped shows in the next report.
    await expect
      .poll(async () => {
        await refuse(access, 'garbage at last', victim);
        const attempts =
          scene.refusals.length + scene.refusals.reduce((sum, { unreported }) => sum + unreported, 0);
        const unrecorded = scene.refusals.reduce((sum, refusal) => sum + refusal.unrecorded, 0);
        // The last one may be under way.
        return attempts - (await events(victim)).length - unrecorded;
      })
      .toBeLessThanOrEqual(1);
    expect(scene.refusals.map(({ userId }) => userId)).toContain(attacker.userId);
  });

  it('of one user are not lost among those of another one', async () => {
    const victim = await scene.clinic('victim');
    const [loud, quiet] = [await scene.clinic('loud'), await scene.clinic('quiet')];
    const access = scene.access();
    const flood = Array.from({ length: 400 }, () => refuse(access, loud.token(), victim));
    await Promise.all([...flood, refuse(access, quiet.token(), victim)]);
    await expect
      .poll(async () => (await events(victim)).map(({ actor }) => actor))
      .toContain(`user:${quiet.userId}`);
    for (let n = 0; n < 100; n++) await refuse(access, loud.token(), victim);
    await access.close();
    const written = await events(victim);
    expect(written.filter(({ actor }) => actor === `user:${loud.userId}`)).toHaveLength(10);
    expect(scene.refusals.map(({ userId }) => userId)).toContain(quiet.userId);
  });

  it('are told of once, however many runs they leave', async () => {
    const doctor = await scene.clinic('nested', 'doctor');
    const access = scene.access();
    const run = <T>(work: () => Promise<T>) => access.run(doctor.token(), doctor.clinicId, work);
    const write = () => access.query(doctor.token(), doctor.clinicId, SERVICE, ['x']);
    await expect(run(() => run(write))).rejects.toMatchObject({ code: 'not_permitted' });
    await access.close();
    expect(scene.refusals).toHaveLength(1);
    expect(await events(doctor)).toHaveLength(1);
  });

  it('are written in their order', async () => {
    const victim = await scene.clinic('victim', 'doctor');
    const access = scene.access();
    const colleagues = await Promise.all(
      Array.from({ length: 12 }, () => plantStaff(scene.database.admin, victim, 'doctor')),
    );
    const other = await scene.clinic('other');
    const tokens = colleagues.map(({ userId }) => other.token({ sub: userId }));
    for (const token of tokens) await refuse(access, token, victim);
    await access.close();
    const actors = (await events(victim)).map(({ actor }) => actor);
    expect(actors).toEqual(colleagues.map(({ userId }) => `user:${userId}`));
  });

  it('are not held up by a cell that does not answer', async () => {
    const [victim, attacker, lost] = [
      await scene.clinic('victim'),
      await scene.clinic('attacker'),
      await scene.clinic('lost'),
    ];
    const sockets: Socket[] = [];
    const silent = createServer((socket) => void sockets.push(socket.on('error', () => undefined))).listen(0);
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const known = scene.located.get(lost.clinicId) as Located;
    const connection = { ...known.connection, host: '127.0.0.1', port };
    scene.located.set(lost.clinicId, { ...known, cell: 'lost', connection });
    const access = scene.access();
    const attempts = ['garbage', attacker.token()].flatMap((token) =>
      [lost, victim].map((clinic) => refuse(access, token, clinic)),
    );
    await Promise.all(attempts);
    await expect.poll(() => events(victim)).toHaveLength(2);
    for (const socket of sockets) socket.destroy();
    silent.close();
  });
});
