import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { readRecord } from '../../data-plane/database/server/record.js';
import { folderSize } from './folders.js';
import { familyOf, pssBytes, rssBytes } from './processes.js';

const IDLE_SECONDS = 10;

/** What a server costs that nobody uses. */
export interface IdleCost {
  readonly cpuSeconds: number;
  readonly overSeconds: number;
  readonly processes: number;
  readonly rssBytes: number;
  readonly pssBytes: number;
  readonly dataBytes: number;
}

export const idleCost = async (serverDir: string): Promise<IdleCost> => {
  const dataDir = readRecord(serverDir)?.dataDir ?? '';
  const postmaster = Number(readFileSync(join(dataDir, 'postmaster.pid'), 'utf8').split('\n')[0]);
  const cpu = (): number => familyOf(postmaster).reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
  const before = cpu();
  await pause(IDLE_SECONDS * 1_000);
  const cpuSeconds = cpu() - before;
  const family = familyOf(postmaster);
  const total = (measure: (pid: number) => number): number =>
    family.reduce((sum, { pid }) => sum + measure(pid), 0);
  return {
    cpuSeconds,
    overSeconds: IDLE_SECONDS,
    processes: family.length,
    rssBytes: total(rssBytes),
    pssBytes: total(pssBytes),
    dataBytes: folderSize(dataDir).bytes,
  };
};
