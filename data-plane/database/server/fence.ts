import { appendFileSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { RingfenceError } from '../../../core/errors.js';
import { replaceFile } from '../../../core/files/whole-file.js';
import type { ServerAccount } from './account.js';

const FILE = 'fenced.json';
const Schema = z.object({ at: z.coerce.date() });
/** No setting of Postgres: a server that anything else starts in this folder ends with its name in the log. */
const STOPPER = "given_up_by_a_failover_see_fenced_json = 'on'\n";

/** Marks data that a replica takes the place of: no server starts in it any more. One that runs goes on until it is stopped. */
export const fence = (dataDir: string, account: ServerAccount | undefined, now: Date): void => {
  if (isFenced(dataDir)) return;
  replaceFile(join(dataDir, FILE), `${JSON.stringify({ at: now })}\n`, { mode: 0o600, owner: account });
  appendFileSync(join(dataDir, 'postgresql.conf'), STOPPER);
};

/** Takes the mark away, where the replica did not take over. */
export const liftFence = (dataDir: string, account: ServerAccount | undefined): void => {
  const main = join(dataDir, 'postgresql.conf');
  const owned = { mode: 0o600, owner: account };
  replaceFile(main, readFileSync(main, 'utf8').replaceAll(STOPPER, ''), owned);
  rmSync(join(dataDir, FILE), { force: true });
};

export const isFenced = (dataDir: string): boolean => existsSync(join(dataDir, FILE));

/** @throws RingfenceError `conflict` for data that was given up. */
export const refuseFenced = (dataDir: string): void => {
  if (!isFenced(dataDir)) return;
  const { at } = Schema.parse(JSON.parse(readFileSync(join(dataDir, FILE), 'utf8')));
  throw new RingfenceError(
    'conflict',
    `the data in ${dataDir} was given up by a failover on ${at.toISOString()}: its replica has gone on without it`,
    {
      fix: 'finish a failover that was broken off with `ringfence cells failover <cell>`; never start this data again',
    },
  );
};
