import { PROVIDER_VERSION } from '../../names.js';
import { backupSchedule } from '../../resources/backup-schedule.js';
import { cellDatabase } from '../../resources/cell-database.js';
import { enrolment } from '../../resources/enrolment.js';
import { localServer } from '../../resources/local-server.js';
import { quota } from '../../resources/quota.js';
import { rootKey } from '../../resources/root-key.js';
import { tenantKey } from '../../resources/tenant-key.js';
import { tenantLogin } from '../../resources/tenant-login.js';
import type { Target } from './dependencies.js';
import type { ServedProvider } from './serve.js';

/** The resource types of package `ringfence`. */
export const ringfenceProvider = (target: Target): ServedProvider => ({
  name: 'ringfence',
  version: PROVIDER_VERSION,
  resources: {
    'ringfence:index:BackupSchedule': backupSchedule(target),
    'ringfence:index:CellDatabase': cellDatabase(target),
    'ringfence:index:LocalServer': localServer(target),
    'ringfence:index:RootKey': rootKey(target),
    'ringfence:index:TenantEnrolment': enrolment(target),
    'ringfence:index:TenantKey': tenantKey(target),
    'ringfence:index:TenantLogin': tenantLogin(target),
    'ringfence:index:TenantQuota': quota(target),
  },
});
