import type { RDSClient } from '@aws-sdk/client-rds';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { clientLimits } from '../../../core/aws-client-limits.js';
import type { RdsClients } from './api.js';

const PATIENCE = { attempts: 4, connectMs: 5_000, answerMs: 60_000 };

/** Clients of one region. Credentials and endpoints come from AWS's own variables and files. */
export const rdsClients = (region: string): RdsClients => {
  const settings = { region, ...clientLimits(PATIENCE) };
  let rds: Promise<RDSClient> | undefined;
  let secrets: Promise<SecretsManagerClient> | undefined;
  return {
    rds: () => {
      rds ??= import('@aws-sdk/client-rds').then((sdk) => new sdk.RDSClient(settings));
      return rds;
    },
    secrets: () => {
      secrets ??= import('@aws-sdk/client-secrets-manager').then(
        (sdk) => new sdk.SecretsManagerClient(settings),
      );
      return secrets;
    },
  };
};
