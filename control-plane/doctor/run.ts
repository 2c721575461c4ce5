import { RingfenceError } from '../../core/errors.js';
import { findEngine } from '../engine/find.js';
import type { Project } from '../project/project.js';
import { checkBackups } from './checks/backups.js';
import { checkControl } from './checks/control.js';
import { checkDisk } from './checks/disk.js';
import { checkEngine } from './checks/engine.js';
import { checkErased } from './checks/erased.js';
import { checkGit } from './checks/git.js';
import { checkGo } from './checks/go.js';
import { checkKept } from './checks/kept.js';
import { checkKeys } from './checks/keys.js';
import { checkLanguageHost } from './checks/language-host.js';
import { checkLocalServers } from './checks/local-servers.js';
import { checkLoopback } from './checks/loopback.js';
import { checkMoves } from './checks/moves.js';
import { checkNode } from './checks/node.js';
import { checkObjects } from './checks/objects.js';
import { checkPassphrase } from './checks/passphrase.js';
import { checkPermissions } from './checks/permissions.js';
import { checkPostgres } from './checks/postgres.js';
import { checkPostgresqlPlugin } from './checks/postgresql-plugin.js';
import { checkReach } from './checks/reach.js';
import { checkReplicas } from './checks/replicas.js';
import { checkRows } from './checks/rows.js';
import { checkState } from './checks/state.js';
import { checkTenants } from './checks/tenants.js';
import type { Check, DoctorCheck, DoctorReport, EngineLookup } from './types.js';

const CHECKS: readonly (readonly [name: string, check: Check])[] = [
  ['node', checkNode],
  ['engine', checkEngine],
  ['postgresql-plugin', checkPostgresqlPlugin],
  ['language-host', checkLanguageHost],
  ['postgres', checkPostgres],
  ['go', checkGo],
  ['loopback', checkLoopback],
  ['local-servers', checkLocalServers],
  ['disk', checkDisk],
  ['objects', checkObjects],
  ['control', checkControl],
  ['keys', checkKeys],
  ['rows', checkRows],
  ['tenants', checkTenants],
  ['replicas', checkReplicas],
  ['reach', checkReach],
  ['moves', checkMoves],
  ['backups', checkBackups],
  ['erased', checkErased],
  ['kept', checkKept],
  ['state', checkState],
  ['passphrase', checkPassphrase],
  ['permissions', checkPermissions],
  ['git', checkGit],
];

/** Checks everything that Ringfence needs of this machine. Changes nothing, and never throws for a finding. */
export const runDoctor = async (options: {
  project: Project;
  env: NodeJS.ProcessEnv;
}): Promise<DoctorReport> => {
  const context = { ...options, lookup: await lookForEngine(options) };
  const checks = await Promise.all(
    CHECKS.map(([name, check]) => check(context).catch((error: unknown) => failedCheck(name, error))),
  );
  return { ok: checks.every((check) => check.status !== 'fail'), checks };
};

const lookForEngine = async (options: {
  project: Project;
  env: NodeJS.ProcessEnv;
}): Promise<EngineLookup> => {
  const skipped: string[] = [];
  try {
    const engine = await findEngine({ ...options, onProgress: (line) => skipped.push(line) });
    return { skipped, ...(engine && { engine }) };
  } catch (error) {
    return { skipped, error };
  }
};

const failedCheck = (name: string, error: unknown): DoctorCheck => {
  const fix = error instanceof RingfenceError ? error.fix : undefined;
  return {
    name,
    status: 'fail',
    detail: error instanceof Error ? error.message : String(error),
    ...(fix && { fix }),
  };
};
