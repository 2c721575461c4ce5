import { CreateDBInstanceCommand, type CreateDBInstanceCommandInput, RDSClient } from '@aws-sdk/client-rds';
import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { RdsClients } from '../../../targets/aws/rds/api.js';
import type { ManagedPostgres } from './managed-postgres.js';
import { startMoto } from './moto.js';
import { type RdsStandIn, startRdsStandIn } from './rds-stand-in.js';

const REGION = 'eu-central-1';
export const INSTANCE = 'clinics-prod';

interface Otherwise {
  /** Which instance has the server; whoever makes it gets its password managed. */
  readonly instance?: string;
  readonly region?: string;
  /** False for an account without the instance. */
  readonly isMade?: boolean;
}

/** Amazon RDS with one instance, `clinics-prod`, whose password it manages. */
export interface TestRds extends RdsStandIn {
  readonly clients: RdsClients;
  /** Moto itself, for the other services. */
  readonly moto: string;
  /** Makes one more instance, without a server behind it, as a customer would. */
  make(id: string, settings?: Partial<CreateDBInstanceCommandInput>): Promise<void>;
  /** Writes a password into the secret of `clinics-prod`, as a rotation does. */
  keepPassword(password: string): Promise<void>;
}

/** @param program of moto */
export const startRds = async (
  program: string,
  postgres: ManagedPostgres,
  { instance = INSTANCE, region = REGION, isMade = true }: Otherwise = {},
): Promise<TestRds> => {
  const moto = await startMoto(program);
  const made = (): Promise<void> => keepPassword(postgres.master.password);
  const standIn = await startRdsStandIn(moto.endpoint, instance, postgres, made).catch(async (error) => {
    await moto.stop();
    throw error;
  });
  const settings = {
    region,
    endpoint: standIn.endpoint,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  };
  const rds = new RDSClient(settings);
  const secrets = new SecretsManagerClient(settings);
  const make: TestRds['make'] = async (id, other = {}) => {
    await rds.send(
      new CreateDBInstanceCommand({
        DBInstanceIdentifier: id,
        Engine: 'postgres',
        EngineVersion: '18.1',
        DBInstanceClass: 'db.t4g.small',
        AllocatedStorage: 20,
        MasterUsername: postgres.master.user,
        ManageMasterUserPassword: true,
        StorageEncrypted: true,
        BackupRetentionPeriod: 7,
        PubliclyAccessible: false,
        ...other,
      }),
    );
  };
  const keepPassword = async (password: string): Promise<void> => {
    const { openRds } = await import('../../../targets/aws/rds/api.js');
    const { secretArn } = await openRds(clients).get(instance);
    const SecretString = JSON.stringify({ username: postgres.master.user, password });
    await secrets.send(new PutSecretValueCommand({ SecretId: secretArn, SecretString }));
  };
  const clients = { rds: async () => rds, secrets: async () => secrets };
  if (isMade) await make(instance);
  return Object.assign(standIn, {
    clients,
    moto: moto.endpoint,
    make,
    keepPassword,
    stop: stopBoth(standIn.stop, moto.stop),
  });
};

const stopBoth = (first: () => Promise<void>, second: () => Promise<void>) => async (): Promise<void> => {
  await first();
  await second();
};
