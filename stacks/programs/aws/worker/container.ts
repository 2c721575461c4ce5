import type { WorkerInputs } from '../inputs.js';
import { backupsUrl } from '../names.js';
import type { AwsScope } from '../scope.js';

/** Folders that the container writes to; all else is read-only. The image makes them its user's. */
export const WRITABLE = { project: '/project', tmp: '/tmp' } as const;

/** The container of the worker, as ECS reads it. Its secrets are ARNs: the values come to it as it starts, and are in no state. */
export const workerContainer = (
  { inputs, names }: Pick<AwsScope, 'inputs' | 'names'>,
  { image, secrets }: WorkerInputs,
): object => {
  const { cell, account, region, control, state } = inputs;
  return {
    name: 'worker',
    image,
    essential: true,
    readonlyRootFilesystem: true,
    environment: [
      { name: 'AWS_REGION', value: region },
      { name: 'RINGFENCE_OBJECTS', value: backupsUrl(cell, account, region) },
      ...(control === null
        ? []
        : [{ name: 'RINGFENCE_CONTROL', value: `rds://${control.region}/${control.rdsInstance}` }]),
      ...(state === null ? [] : [{ name: 'RINGFENCE_STATE', value: state }]),
    ],
    secrets: Object.entries(secrets).map(([name, valueFrom]) => ({ name, valueFrom })),
    mountPoints: Object.entries(WRITABLE).map(([sourceVolume, containerPath]) => ({
      sourceVolume,
      containerPath,
      readOnly: false,
    })),
    linuxParameters: { initProcessEnabled: true, capabilities: { drop: ['ALL'] } },
    // The longest that Fargate gives: a job at hand goes on until then.
    stopTimeout: 120,
    healthCheck: {
      command: ['CMD', 'node', '/ringfence/dist/cli/main.js', 'worker', '--check'],
      interval: 60,
      timeout: 30,
      retries: 3,
      startPeriod: 180,
    },
    logConfiguration: {
      logDriver: 'awslogs',
      options: {
        'awslogs-group': names.workerLogs,
        'awslogs-region': region,
        'awslogs-stream-prefix': 'worker',
        // A log that CloudWatch does not take holds no job up.
        mode: 'non-blocking',
        'max-buffer-size': '25m',
      },
    },
  };
};
