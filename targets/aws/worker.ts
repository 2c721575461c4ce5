/** What a container of the worker has in Fargate, which takes pairs of CPU and memory (ECS Developer Guide, task size). */
export const WORKER_SIZE = {
  cpuUnits: 1_024,
  memoryMb: 4_096,
  /** More than the 20 GB that every container has. */
  diskGb: 50,
} as const;

/**
 * What a container of the worker calls, by the service's name in the names of endpoints: its image and logs, keys, the password and the
 * address of the database. Credentials of a task come from its own host, so STS is not among them.
 */
export const WORKER_SERVICES = ['ecr.api', 'ecr.dkr', 'kms', 'logs', 'rds', 'secretsmanager'] as const;
