import { Provider } from '@pulumi/cloudflare/provider.js';
import { WorkersKv } from '@pulumi/cloudflare/workersKv.js';
import type * as pulumi from '@pulumi/pulumi';
import type { EdgeKeys } from '../../../targets/edge/worker-settings.js';
import { openEntrance, openHost } from './hosts.js';
import type { EdgeInputs } from './inputs.js';
import { isInZone } from './names.js';
import { edgeScope } from './scope.js';
import { tenantsNamespace, worker } from './worker.js';

const provider = (): Provider => new Provider('cloudflare', {});

/** The provider of an edge alone. */
export const edgeProviderProgram = (): Record<string, pulumi.Input<unknown>> => {
  provider();
  return {};
};

/** The program of stack `edge.<name>`. The keys are sealed in its state; the token of the account is only in the environment of the plugin. */
export const edgeProgram =
  (inputs: EdgeInputs, keys: EdgeKeys) => (): Record<string, pulumi.Input<unknown>> => {
    const scope = edgeScope(inputs, provider());
    const { options } = scope;
    const tenants = tenantsNamespace(scope);
    const script = worker(scope, tenants, keys);
    const hosts = [inputs.operatorHost, ...Object.keys(inputs.entries)];
    const entrance = hosts.every((host) => isInZone(host, inputs.zone)) ? undefined : openEntrance(scope);
    // The entry of a host is there before the host, and goes after it.
    for (const [host, value] of Object.entries(inputs.entries)) {
      const place = { accountId: inputs.accountId, namespaceId: tenants.id, keyName: host };
      const entry = new WorkersKv(`entry-${host}`, { ...place, value }, options);
      openHost(scope, host, { worker: script, entrance, after: [entry] });
    }
    openHost(scope, inputs.operatorHost, { worker: script, entrance, after: [] });
    return { worker: script.scriptName };
  };
