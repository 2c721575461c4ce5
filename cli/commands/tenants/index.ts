import type { Group } from '../../command/define-command.js';
import { tenantsAdd } from './add.js';
import { tenantsApply } from './apply.js';
import { tenantsCost } from './cost.js';
import { tenantsDemote } from './demote.js';
import { tenantsErase } from './erase.js';
import { tenantsExport } from './export.js';
import { tenantsImport } from './import.js';
import { tenantsList } from './list.js';
import { tenantsMove } from './move.js';
import { tenantsPreview } from './preview.js';
import { tenantsPromote } from './promote.js';
import { tenantsRemove } from './remove.js';
import { tenantsResidency } from './residency.js';
import { tenantsRestoreRemoved } from './restore-removed.js';
import { tenantsResume } from './resume.js';
import { tenantsShow } from './show.js';
import { tenantsSuspend } from './suspend.js';

export const tenants: Group = {
  name: 'tenants',
  description: 'the clinics that are onboarded',
  commands: [
    tenantsAdd,
    tenantsList,
    tenantsShow,
    tenantsResidency,
    tenantsCost,
    tenantsPreview,
    tenantsApply,
    tenantsPromote,
    tenantsDemote,
    tenantsMove,
    tenantsRemove,
    tenantsRestoreRemoved,
    tenantsErase,
    tenantsSuspend,
    tenantsResume,
    tenantsExport,
    tenantsImport,
  ],
};
