import type { RDSClient } from '@aws-sdk/client-rds';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { RdsClients } from './api.js';

const CONNECT_MS = 5_000;
const ANSWER_MS = 60_000;
const ATTEMPTS = 4;

/** Clients of one region. Credentials and endpoints come from AWS's own variables and files. */
export const rdsClients = (region: string): RdsClients => {
  const settings = {
    region,
    maxAttempts: ATTEMPTS,
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      requestTimeout: ANSWER_MS,
      throwOnRequestTimeout: true,
    },
  };
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
