import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { embeddedBinaries } from '../../../data-plane/database/server/binaries.js';
import type { Check, DoctorCheck } from '../types.js';
import { fixedRelease, openAdvisories } from './advisories.js';

const VERSION_TIMEOUT_MS = 10_000;

/** Runs the embedded server's `--version`, and names the published holes that this version is open to. */
export const checkPostgres: Check = async () => {
  const path = embeddedBinaries().postgres;
  const { stdout } = await promisify(execFile)(path, ['--version'], { timeout: VERSION_TIMEOUT_MS });
  return judgePostgres(stdout, path);
};

/** The rule alone. @param printed such as `postgres (PostgreSQL) 18.4` */
export const judgePostgres = (printed: string, path: string): DoctorCheck => {
  const name = 'postgres';
  const [version, major, minor] = /(\d+)\.(\d+)/.exec(printed) ?? [];
  if (!version) {
    return {
      name,
      status: 'fail',
      detail: `${path} printed no version: ${printed.trim()}`,
      fix: 'run npm ci again',
    };
  }
  const open = openAdvisories({ major: Number(major), minor: Number(minor) });
  const data = { version, path, advisories: open.map(({ id }) => id) };
  if (open.length === 0) return { name, status: 'ok', detail: `embedded Postgres ${version}`, data };
  const holes = open.map(({ id, meaning, held }) => `${id}: ${meaning}. ${held}`);
  return {
    name,
    status: 'warn',
    detail: `embedded Postgres ${version} is open to ${holes.join('; ')}`,
    fix: open
      .map((hole) => `move to ${fixedRelease(hole, Number(major))}, which closes ${hole.id}`)
      .join('; '),
    data,
  };
};
