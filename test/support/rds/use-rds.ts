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
  /** Instances that somebody is to make, each with its server. */
  readonly more?: readonly {
    readonly instance: string;
    readonly region: string;
    readonly postgres: ManagedPostgres;
  }[];
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
  { instance = INSTANCE, region = REGION, isMade = true, more = [] }: Otherwise = {},
): Promise<TestRds> => {
  const moto = await startMoto(program);
  const served = [{ instance, region, postgres }, ...more].map((one) => ({
    ...one,
    made: () => keepPasswordOf(one, one.postgres.master.password),
  }));
  const standIn = await startRdsStandIn(moto.endpoint, served).catch(async (error) => {
    await moto.stop();
    throw error;
  });
  const clientsIn = (place: string) => {
    const settings = {
      region: place,
      endpoint: standIn.endpoint,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
    };
    return { rds: new RDSClient(settings), secrets: new SecretsManagerClient(settings) };
  };
  const { rds, secrets } = clientsIn(region);
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
  const keepPasswordOf = async (
    of: { readonly instance: string; readonly region: string },
    password: string,
  ): Promise<void> => {
    const { openRds } = await import('../../../targets/aws/rds/api.js');
    const there = clientsIn(of.region);
    const { secretArn } = await openRds({
      rds: async () => there.rds,
      secrets: async () => there.secrets,
    }).get(of.instance);
    const SecretString = JSON.stringify({ username: postgres.master.user, password });
    await there.secrets.send(new PutSecretValueCommand({ SecretId: secretArn, SecretString }));
  };
  const keepPassword = (password: string): Promise<void> => keepPasswordOf({ instance, region }, password);
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
