import { PROVIDER_VERSION } from '../../names.js';
import { BackupSchedule, backupSchedule } from '../../resources/backup-schedule.js';
import { CellDatabase, cellDatabase } from '../../resources/cell-database.js';
import { enrolment, TenantEnrolment } from '../../resources/enrolment.js';
import { LocalReplica, localReplica } from '../../resources/local-replica.js';
import { LocalServer, localServer } from '../../resources/local-server.js';
import { quota, TenantQuota } from '../../resources/quota.js';
import { RootKey, rootKey } from '../../resources/root-key.js';
import { ServerSettings, serverSettings } from '../../resources/server-settings.js';
import { TenantKey, tenantKey } from '../../resources/tenant-key.js';
import { TenantLogin, tenantLogin } from '../../resources/tenant-login.js';
import type { Target } from './dependencies.js';
import type { ServedProvider } from './serve.js';

/** The resource types of package `ringfence`. */
export const ringfenceProvider = (target: Target): ServedProvider => ({
  name: 'ringfence',
  version: PROVIDER_VERSION,
  resources: {
    [BackupSchedule.type]: backupSchedule(target),
    [CellDatabase.type]: cellDatabase(target),
    [LocalReplica.type]: localReplica(target),
    [LocalServer.type]: localServer(target),
    [RootKey.type]: rootKey(target),
    [ServerSettings.type]: serverSettings(target),
    [TenantEnrolment.type]: enrolment(target),
    [TenantKey.type]: tenantKey(target),
    [TenantLogin.type]: tenantLogin(target),
    [TenantQuota.type]: quota(target),
  },
});
