import { setTimeout as pause } from 'node:timers/promises';
import type { Access } from '../../data-plane/access/index.js';

interface Lanes {
  readonly access: Access;
  readonly token: () => string;
  readonly clinicId: string;
  /** Begins the names of the rows, so that two runs tell theirs apart. */
  readonly run: string;
  readonly lanes: number;
  readonly pauseMs: number;
}

/** What lanes wrote with an acknowledgement, and what went wrong. */
interface Driven {
  readonly acknowledged: readonly string[];
  readonly problems: readonly string[];
}

/** Has lanes of an application write a service each turn and read what they have written, until they are ended. */
export const startLanes = ({
  access,
  token,
  clinicId,
  run,
  lanes,
  pauseMs,
}: Lanes): (() => Promise<Driven>) => {
  const acknowledged: string[] = [];
  const problems: string[] = [];
  let isOver = false;
  const drive = async (lane: number): Promise<void> => {
    for (let at = 0; !isOver; at++) {
      const name = `lane ${lane}, ${run} ${at}`;
      try {
        await access.run(token(), clinicId, (db) =>
          db.query('INSERT INTO clinical.services (name, duration_minutes) VALUES ($1, 30)', [name]),
        );
        acknowledged.push(name);
        const { rows } = await access.query<{ found: number }>(
          token(),
          clinicId,
          'SELECT count(*)::int AS found FROM clinical.services WHERE name = $1',
          [name],
          { readOnly: at % 2 === 0 },
        );
        if (rows[0]?.found !== 1) problems.push(`${name} was read ${rows[0]?.found} times`);
      } catch (error) {
        problems.push(`${name}: ${String(error)}`);
        isOver = problems.length > 10;
      }
      await pause(pauseMs);
    }
  };
  const driven = Array.from({ length: lanes }, (_, at) => drive(at + 1));
  return async () => {
    isOver = true;
    await Promise.all(driven);
    return { acknowledged, problems };
  };
};
