import { type BilledPart, MONTH_HOURS } from '../billing.js';
import type { Infrastructure } from './infrastructure.js';
import { RDS_SIZES } from './rds/sizes.js';
import { WORKER_SERVICES, WORKER_SIZE } from './worker.js';

/**
 * What AWS bills each month for what Ringfence makes, by its declared sizes. With a second zone it bills instance and storage twice
 * (the User Guide of RDS, on-demand instances).
 */
export const billedParts = (infrastructure: Infrastructure, region: string): readonly BilledPart[] => {
  const { size, multiAz, copiesIn } = infrastructure;
  const { instanceClass, storageGb } = RDS_SIZES[size];
  const [zones, inZones] = multiAz ? [2, ' in two zones'] : [1, ''];
  const made: BilledPart[] = [
    {
      what: `instance ${instanceClass}${inZones}`,
      region,
      unit: { instanceClass },
      quantity: MONTH_HOURS * zones,
    },
    {
      what: `storage, ${storageGb} GB${inZones}`,
      region,
      unit: 'storageGbMonth',
      quantity: storageGb * zones,
    },
    { what: '2 keys', region, unit: 'keyMonth', quantity: 2 },
    ...workerParts(infrastructure, region),
  ];
  if (copiesIn === null) return made;
  return [
    ...made,
    {
      what: `copies of backups, ${storageGb} GB`,
      region: copiesIn,
      unit: 'backupGbMonth',
      quantity: storageGb,
    },
    { what: 'key of the copies', region: copiesIn, unit: 'keyMonth', quantity: 1 },
  ];
};

/** A network that was there already has its own ways to AWS's services. */
const workerParts = ({ worker, network, multiAz }: Infrastructure, region: string): BilledPart[] => {
  if (worker === undefined) return [];
  const cpus = WORKER_SIZE.cpuUnits / 1_024;
  const gb = WORKER_SIZE.memoryMb / 1_024;
  const container: BilledPart[] = [
    { what: `worker, ${cpus} CPU`, region, unit: 'taskCpuHour', quantity: MONTH_HOURS * cpus },
    { what: `worker, ${gb} GB of memory`, region, unit: 'taskGbHour', quantity: MONTH_HOURS * gb },
  ];
  if (network !== null) return container;
  const [zones, inZones] = multiAz ? [3, ' in three zones'] : [1, ''];
  const quantity = MONTH_HOURS * WORKER_SERVICES.length * zones;
  const what = `${WORKER_SERVICES.length} endpoints of the worker${inZones}`;
  return [...container, { what, region, unit: 'endpointHour', quantity }];
};
