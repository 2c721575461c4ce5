import { readFileSync } from 'node:fs';
import type pg from 'pg';

/** The settings that a size class decides, by their names in Postgres. Memory is in MiB. */
const POSTGRES_NAMES = {
  sharedBuffersMb: 'shared_buffers',
  workMemMb: 'work_mem',
  maintenanceWorkMemMb: 'maintenance_work_mem',
  effectiveCacheMb: 'effective_cache_size',
  maxWorkerProcesses: 'max_worker_processes',
  maxParallelWorkers: 'max_parallel_workers',
  maxConnections: 'max_connections',
  /** Streams of moves that a server takes at once; each tenant that has moved from here has one until its window ends. */
  maxStreams: 'max_logical_replication_workers',
  maxSlots: 'max_replication_slots',
  maxSenders: 'max_wal_senders',
} as const;

export type SettingKey = keyof typeof POSTGRES_NAMES;
export type ServerSettings = Readonly<Record<SettingKey, number>>;

const SETTING_KEYS = Object.keys(POSTGRES_NAMES) as readonly SettingKey[];
export const SETTING_NAMES: readonly string[] = Object.values(POSTGRES_NAMES);

/** One value for each setting. */
export const bySetting = <T>(make: (key: SettingKey) => T): Record<SettingKey, T> =>
  Object.fromEntries(SETTING_KEYS.map((key) => [key, make(key)])) as Record<SettingKey, T>;

/** A setting of a running server beside the value that it should have. */
export interface FoundSetting {
  readonly key: SettingKey;
  /** As Postgres names it. */
  readonly name: string;
  readonly wanted: number;
  /** The value in use; where that is the wanted one, the value that the next start would take. */
  readonly found: number;
  /** Only a restart changes it. */
  readonly needsRestart: boolean;
}

const RUNNING = readFileSync(new URL('./queries/running-settings.sql', import.meta.url), 'utf8');
const CONFIGURED = readFileSync(new URL('./queries/configured-settings.sql', import.meta.url), 'utf8');

interface RunningRow {
  readonly name: string;
  readonly setting: string;
  readonly unit: string | null;
  readonly needsRestart: boolean;
  readonly isOfSession: boolean;
}

const readRunning = async (client: pg.ClientBase): Promise<Map<string, RunningRow>> => {
  const { rows } = await client.query<RunningRow>(RUNNING, [SETTING_NAMES]);
  return new Map(rows.map((row) => [row.name, row]));
};

/** The settings in use. Any login may ask, on any server. */
export const readSettings = async (client: pg.ClientBase): Promise<ServerSettings> => {
  const running = await readRunning(client);
  return bySetting((key) => {
    const row = running.get(POSTGRES_NAMES[key]);
    return amount(key, row?.setting ?? '', row?.unit ?? null);
  });
};

/** Compares the settings of a server with the wanted ones. Asks as a superuser, who may read the configuration files. */
export const findSettings = async (
  client: pg.ClientBase,
  wanted: ServerSettings,
): Promise<readonly FoundSetting[]> => {
  const running = await readRunning(client);
  const { rows } = await client.query<{ name: string; setting: string }>(CONFIGURED, [SETTING_NAMES]);
  const configured = new Map(rows.map(({ name, setting }) => [name, setting]));
  return SETTING_KEYS.map((key) => {
    const name = POSTGRES_NAMES[key];
    const { setting = '', unit = null, needsRestart = false, isOfSession = false } = running.get(name) ?? {};
    const used = amount(key, setting, unit);
    const next = configured.get(name);
    const nextAmount = next === undefined ? used : amount(key, next, unit);
    const found = isOfSession || used === wanted[key] ? nextAmount : used;
    return { key, name, wanted: wanted[key], found, needsRestart };
  });
};

export const isDifferent = ({ wanted, found }: FoundSetting): boolean => wanted !== found;

/** A value as Postgres and people write it: `512MB`, `200`. */
export const settingText = (key: SettingKey, value: number): string => `${value}${isMemory(key) ? 'MB' : ''}`;

/** Lines of a configuration file. */
export const settingLines = (settings: ServerSettings): string =>
  SETTING_KEYS.map((key) => `${POSTGRES_NAMES[key]} = ${settingText(key, settings[key])}\n`).join('');

const isMemory = (key: SettingKey): boolean => key.endsWith('Mb');

const KIB = 1024;
const UNIT_BYTES: Readonly<Record<string, number>> = {
  B: 1,
  kB: KIB,
  '8kB': 8 * KIB,
  MB: KIB ** 2,
  GB: KIB ** 3,
  TB: KIB ** 4,
};

/** @param unit of a number without one, as in pg_settings. */
const amount = (key: SettingKey, text: string, unit: string | null): number => {
  const [, number = '', own = ''] = /^\s*([\d.]+)\s*([a-zA-Z]*)\s*$/.exec(text) ?? [];
  if (!isMemory(key)) return Number(number);
  return (Number(number) * (UNIT_BYTES[own || (unit ?? '')] ?? Number.NaN)) / KIB ** 2;
};
