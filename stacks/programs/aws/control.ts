import { Provider } from '@pulumi/aws/provider.js';
import type * as pulumi from '@pulumi/pulumi';
import { cellAlarms } from './alarms.js';
import { backupCopies } from './backup-copies.js';
import { cellDatabase } from './database.js';
import { cellEvents } from './events.js';
import type { AwsCellInputs } from './inputs.js';
import { storageKey } from './keys.js';
import { cellLogs } from './logs.js';
import { cellNetwork } from './network.js';
import { awsScope } from './scope.js';
import { cellSecurityGroups } from './security-groups.js';

/**
 * The program of stack `aws.<name of the control database>`: an instance of RDS as a cell has one, with its network, key, logs and
 * alarms. No tenant lives in it, so there is neither a bucket nor a root of tenants' keys.
 */
export const awsControlProgram = (inputs: AwsCellInputs) => (): Record<string, pulumi.Input<unknown>> => {
  const { region, account } = inputs;
  // With the credentials of another account nothing begins.
  const provider = new Provider('aws', { region, allowedAccountIds: [account] });
  const scope = awsScope(inputs, provider);
  const network = cellNetwork(scope);
  const groups = cellSecurityGroups(scope, network);
  const key = storageKey(scope);
  const logs = cellLogs(scope, key);
  const database = cellDatabase(scope, { network, securityGroup: groups.database, key, logs });
  cellAlarms(scope, database);
  cellEvents(scope, database, undefined);
  backupCopies(scope, database);
  return {
    instance: database.identifier,
    storageKeyArn: key.arn,
    vpcId: network.vpcId,
    clientsSecurityGroup: groups.clients,
  };
};
