import { type BilledPart, MONTH_HOURS } from '../billing.js';
import type { Infrastructure } from './infrastructure.js';
import { RDS_SIZES } from './rds/sizes.js';

/**
 * What AWS bills each month for what Ringfence makes, by its declared sizes. With a second zone it bills instance and storage twice
 * (the User Guide of RDS, on-demand instances).
 */
export const billedParts = (
  { size, multiAz, copiesIn }: Infrastructure,
  region: string,
): readonly BilledPart[] => {
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
