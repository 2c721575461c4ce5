import type { Size } from '../../../core/sizes.js';
import type { ServerSettings } from '../../../data-plane/database/server/size/settings.js';
import { LOCAL_SIZES } from '../../local/sizes.js';

/** What a size class means for an instance of RDS that Ringfence makes. */
export interface RdsSize {
  readonly instanceClass: string;
  readonly storageGb: number;
  /** RDS adds storage by itself up to here. */
  readonly storageMaxGb: number;
  readonly settings: ServerSettings;
}

/** Of the memory a quarter is shared and three quarters count as cache; the rest is as on this machine. */
const settingsWith = (size: Size, memoryGib: number): ServerSettings => ({
  ...LOCAL_SIZES[size],
  sharedBuffersMb: memoryGib * 256,
  effectiveCacheMb: memoryGib * 768,
});

/** db.t4g.medium is the smallest class that Performance Insights has. */
export const RDS_SIZES: Readonly<Record<Size, RdsSize>> = {
  small: {
    instanceClass: 'db.t4g.medium',
    storageGb: 50,
    storageMaxGb: 500,
    settings: settingsWith('small', 4),
  },
  medium: {
    instanceClass: 'db.m7g.large',
    storageGb: 100,
    storageMaxGb: 1_000,
    settings: settingsWith('medium', 8),
  },
  large: {
    instanceClass: 'db.m7g.xlarge',
    storageGb: 200,
    storageMaxGb: 2_000,
    settings: settingsWith('large', 16),
  },
  xlarge: {
    instanceClass: 'db.r7g.xlarge',
    storageGb: 500,
    storageMaxGb: 5_000,
    settings: settingsWith('xlarge', 32),
  },
};
