import { Provider } from '@pulumi/aws/provider.js';
import type * as pulumi from '@pulumi/pulumi';
import { cellAlarms } from './alarms.js';
import { backupCopies } from './backup-copies.js';
import { cellBucket } from './bucket.js';
import { dataPlanePolicy, dataPlaneRole, statePolicy } from './data-plane-role.js';
import { cellDatabase } from './database.js';
import { cellEvents } from './events.js';
import type { AwsCellInputs } from './inputs.js';
import { storageKey, tenantKey } from './keys.js';
import { cellLogs } from './logs.js';
import { cellNetwork } from './network.js';
import { awsScope } from './scope.js';
import { cellSecurityGroups } from './security-groups.js';
import { cellWorker } from './worker/service.js';

/** The program of stack `aws.<cell>`: what a cell has in AWS. What lies in its database is stack `cell.<name>`. */
export const awsCellProgram = (inputs: AwsCellInputs) => (): Record<string, pulumi.Input<unknown>> => {
  const { region, account } = inputs;
  // With the credentials of another account nothing begins.
  const provider = new Provider('aws', { region, allowedAccountIds: [account] });
  const scope = awsScope(inputs, provider);
  const network = cellNetwork(scope);
  const groups = cellSecurityGroups(scope, network);
  const storage = storageKey(scope);
  const logs = cellLogs(scope, storage);
  const database = cellDatabase(scope, {
    network,
    securityGroup: groups.database,
    key: storage,
    logs,
  });
  const bucket = cellBucket(scope, storage);
  const role = dataPlaneRole(scope);
  const tenants = tenantKey(scope, role.arn);
  const ofState = statePolicy(scope, role);
  const rights = [
    dataPlanePolicy(scope, { role, bucket, database, tenantKey: tenants }),
    ...(ofState ? [ofState] : []),
  ];
  const worker = cellWorker(scope, { network, clients: groups.clients, key: storage, role, rights });
  cellAlarms(scope, database);
  cellEvents(scope, database, worker);
  backupCopies(scope, database);
  return {
    instance: database.identifier,
    bucket: bucket.bucket,
    storageKeyArn: storage.arn,
    tenantKeyArn: tenants.arn,
    roleArn: role.arn,
    clientsSecurityGroup: groups.clients,
    vpcId: network.vpcId,
    subnetIds: network.subnetIds,
  };
};
