import { ParameterGroup } from '@pulumi/aws/rds/parameterGroup.js';
import type { ServerSettings } from '../../../data-plane/database/server/size/settings.js';
import { RDS_SIZES } from '../../../targets/aws/rds/sizes.js';
import type { AwsScope } from './scope.js';

/** The major version of the embedded Postgres. */
export const POSTGRES_MAJOR = '18';

const KB_PER_MB = 1_024;
const KB_PER_PAGE = 8;

const SLOT_WAL_MB = 4_096;

/** Only a restart changes them; the others hold at once. */
const STATIC = 'pending-reboot';
const DYNAMIC = 'immediate';

/**
 * The settings of a local cell (data-plane/database/server/initialise.ts), by the names and in the units of RDS. What RDS keeps
 * to itself is not among them: addresses, archiving, the zone of the log.
 */
const parametersOf = (
  settings: ServerSettings,
): readonly [name: string, value: string | number, apply: string][] => [
  ['rds.force_ssl', 1, DYNAMIC],
  ['rds.accepted_password_auth_method', 'scram', DYNAMIC],
  ['password_encryption', 'scram-sha-256', DYNAMIC],
  // wal_level = logical
  ['rds.logical_replication', 1, STATIC],
  ['max_connections', settings.maxConnections, STATIC],
  ['max_worker_processes', settings.maxWorkerProcesses, STATIC],
  ['max_parallel_workers', settings.maxParallelWorkers, DYNAMIC],
  ['max_logical_replication_workers', settings.maxStreams, STATIC],
  ['max_replication_slots', settings.maxSlots, STATIC],
  ['max_wal_senders', settings.maxSenders, STATIC],
  // A stream that nobody reads fills no disk (docs/moves.md); RDS has no limit of its own.
  ['max_slot_wal_keep_size', SLOT_WAL_MB, DYNAMIC],
  ['shared_buffers', (settings.sharedBuffersMb * KB_PER_MB) / KB_PER_PAGE, STATIC],
  ['effective_cache_size', (settings.effectiveCacheMb * KB_PER_MB) / KB_PER_PAGE, DYNAMIC],
  ['work_mem', settings.workMemMb * KB_PER_MB, DYNAMIC],
  ['maintenance_work_mem', settings.maintenanceWorkMemMb * KB_PER_MB, DYNAMIC],
  // Statements and their values may be about patients (docs/threats.md 9).
  ['log_min_error_statement', 'panic', DYNAMIC],
  ['log_min_messages', 'log', DYNAMIC],
  ['log_parameter_max_length', 0, DYNAMIC],
  ['log_parameter_max_length_on_error', 0, DYNAMIC],
  ['log_error_verbosity', 'terse', DYNAMIC],
  // No session fills the disk of all.
  ['temp_file_limit', 5 * KB_PER_MB * KB_PER_MB, DYNAMIC],
  ['timezone', 'UTC', DYNAMIC],
];

export const cellParameters = ({ inputs, names, options, tags }: AwsScope): ParameterGroup =>
  new ParameterGroup(
    'parameters',
    {
      name: names.parameters,
      family: `postgres${POSTGRES_MAJOR}`,
      description: `Ringfence cell ${inputs.cell}`,
      parameters: parametersOf(RDS_SIZES[inputs.size].settings).map(([name, value, applyMethod]) => ({
        name,
        value: String(value),
        applyMethod,
      })),
      tags: tags(),
    },
    options,
  );
