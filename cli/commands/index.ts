import type { Command, Group } from '../command/define-command.js';
import { analytics } from './analytics/index.js';
import { audit } from './audit/index.js';
import { backups } from './backups/index.js';
import { cells } from './cells/index.js';
import { control } from './control/index.js';
import { demo } from './demo/index.js';
import { deployments } from './deployments/index.js';
import { doctor } from './doctor.js';
import { drift } from './drift.js';
import { edge } from './edge/index.js';
import { erasures } from './erasures/index.js';
import { holds } from './holds/index.js';
import { isolation } from './isolation/index.js';
import { keys } from './keys/index.js';
import { operations } from './operations/index.js';
import { placements } from './placements/index.js';
import { policies } from './policies/index.js';
import { preview } from './preview.js';
import { pulumi } from './pulumi.js';
import { quotas } from './quotas/index.js';
import { recoverProject } from './recover.js';
import { schema } from './schema/index.js';
import { smoke } from './smoke/index.js';
import { state } from './state/index.js';
import { submissions } from './submissions/index.js';
import { subscriptions } from './subscriptions/index.js';
import { support } from './support/index.js';
import { tenants } from './tenants/index.js';
import { worker } from './worker.js';

/** In the order of the help. */
export const COMMANDS: readonly (Command | Group)[] = [
  doctor,
  cells,
  tenants,
  preview,
  placements,
  policies,
  deployments,
  drift,
  operations,
  submissions,
  holds,
  erasures,
  subscriptions,
  schema,
  isolation,
  worker,
  keys,
  analytics,
  quotas,
  edge,
  audit,
  support,
  backups,
  control,
  recoverProject,
  demo,
  smoke,
  state,
  pulumi,
];
