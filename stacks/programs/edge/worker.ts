import { WorkersKvNamespace } from '@pulumi/cloudflare/workersKvNamespace.js';
import { WorkersScript } from '@pulumi/cloudflare/workersScript.js';
import * as pulumi from '@pulumi/pulumi';
import {
  BINDINGS,
  COMPATIBILITY_DATE,
  type EdgeKeys,
  LIMITS_CLASS,
} from '../../../targets/edge/worker-settings.js';
import { FIRST_MIGRATION } from './migration.js';
import type { EdgeScope } from './scope.js';

const MAIN_MODULE = 'edge.js';

/** Where the entries of the tenants are. */
export const tenantsNamespace = ({ inputs, names, options }: EdgeScope): WorkersKvNamespace =>
  new WorkersKvNamespace('tenants', { accountId: inputs.accountId, title: names.tenants }, options);

/** The Worker. It puts each tenant's object into its jurisdiction itself: no input says that. */
export const worker = (
  { inputs, names, options }: EdgeScope,
  tenants: WorkersKvNamespace,
  keys: EdgeKeys,
): WorkersScript =>
  new WorkersScript(
    'worker',
    {
      accountId: inputs.accountId,
      scriptName: names.worker,
      content: inputs.script,
      mainModule: MAIN_MODULE,
      compatibilityDate: COMPATIBILITY_DATE,
      ...(inputs.hasObjects ? {} : { migrations: FIRST_MIGRATION }),
      bindings: [
        { type: 'durable_object_namespace', name: BINDINGS.limits, className: LIMITS_CLASS },
        { type: 'kv_namespace', name: BINDINGS.tenants, namespaceId: tenants.id },
        { type: 'plain_text', name: BINDINGS.operatorHost, text: inputs.operatorHost },
        { type: 'secret_text', name: BINDINGS.operatorKey, text: pulumi.secret(keys.operator) },
        { type: 'secret_text', name: BINDINGS.originKey, text: pulumi.secret(keys.origin) },
      ],
    },
    options,
  );
