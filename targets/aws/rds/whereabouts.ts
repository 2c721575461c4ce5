import { byArn, regionOfArn } from '../../../core/arn.js';
import { orUnknown, type ServerPart, type Whereabouts } from '../../../core/whereabouts.js';
import { type Connection, withConnection } from '../../../data-plane/database/connect.js';
import { listLogReaders } from '../../../data-plane/database/log-readers.js';
import type { Rds } from './api.js';
import type { RdsInstance } from './instance.js';

/** An instance, and whom to ask about it. */
interface Asked {
  readonly id: string;
  /** Of the cell's region, and of any other. */
  readonly rds: Rds;
  readonly rdsIn: (region: string) => Rds;
  /** As `atEndpoint` tells it. */
  readonly endpoint: string;
  /** The cell's database, as its administrator. */
  readonly connect: () => Promise<Connection>;
}

/** Where a part of an instance is, as RDS reports it in ARNs. */
export const rdsWhereabouts = async (part: ServerPart, asked: Asked): Promise<readonly Whereabouts[]> =>
  orUnknown(`instance ${asked.id}`, async () => {
    const instance = await asked.rds.get(asked.id);
    if (part === 'database') return [databaseOf(asked, instance)];
    if (part === 'logs') return [logsOf(asked, instance)];
    if (part === 'history') return historyOf(asked, instance);
    const found = [
      ...(await replicasOf(asked, instance, new Set([instance.arn]))),
      ...(await subscribersOf(asked)),
    ];
    if (found.length > 0) return found;
    const evidence = `${instances(asked)}, pg_replication_slots: none`;
    return [{ what: `replicas of ${asked.id}`, answer: 'none', evidence }];
  });

const instances = ({ endpoint }: Asked): string => `rds:DescribeDBInstances${endpoint}`;

const databaseOf = (asked: Asked, { id, arn, zones }: RdsInstance): Whereabouts =>
  byArn(`instance ${id}`, arn, [instances(asked), ...zones].join(', '));

const logsOf = (asked: Asked, { id, arn, exportedLogs }: RdsInstance): Whereabouts => {
  const what = `logs of ${id}`;
  if (exportedLogs.length === 0) return byArn(what, arn, `${instances(asked)}, which sends no log elsewhere`);
  const evidence = `${instances(asked)}: ${exportedLogs.join(', ')} goes to CloudWatch Logs, which is not asked`;
  return { what, answer: 'unknown', evidence };
};

const historyOf = async (asked: Asked, instance: RdsInstance): Promise<Whereabouts[]> => {
  const { rds, endpoint } = asked;
  const { id, backupCopies } = instance;
  const automated = `rds:DescribeDBInstanceAutomatedBackups${endpoint}`;
  const byHand = `rds:DescribeDBSnapshots${endpoint}`;
  const found = [
    ...(await orUnknown(`automated backups of ${id}`, async () =>
      (
        await rds.automatedBackups(instance)
      ).map((arn) => byArn(`automated backups of ${id}`, arn, automated)),
    )),
    ...backupCopies.map((arn) => byArn(`copy of the automated backups of ${id}`, arn, instances(asked))),
    ...(await orUnknown(`snapshots of ${id}`, async () =>
      (await rds.snapshots(instance)).map((arn) => byArn(`snapshot of ${id}`, arn, byHand)),
    )),
  ];
  if (found.length > 0) return found;
  return [{ what: `backups of ${id}`, answer: 'none', evidence: `${automated}, ${byHand}: none` }];
};

/** Read replicas, and theirs. @param seen ARNs of those that were asked. */
const replicasOf = async (
  asked: Asked,
  { id, arn, replicas, clusterReplicas }: RdsInstance,
  seen: Set<string>,
): Promise<Whereabouts[]> => {
  const home = regionOfArn(arn) ?? '';
  const call = instances(asked);
  const found: Whereabouts[] = clusterReplicas.flatMap((cluster) => {
    const what = `cluster ${cluster}, a replica of ${id}`;
    const region = regionOfArn(cluster) ?? home;
    return [
      { what, answer: 'region', region, evidence: `${call}: ${arn} names it` },
      { what: `replicas of cluster ${cluster}`, answer: 'unknown', evidence: 'clusters are not asked' },
    ];
  });
  for (const named of replicas) {
    const name = named.split(':').at(-1) ?? '';
    const region = regionOfArn(named);
    const what = `replica ${name} of ${id}`;
    if (region !== undefined) found.push(byArn(what, named, call));
    found.push(
      ...(await orUnknown(`${what}, and its own`, async () => {
        const replica = await asked.rdsIn(region ?? home).get(name);
        if (seen.has(replica.arn)) return [];
        seen.add(replica.arn);
        const own = await replicasOf(asked, replica, seen);
        return region === undefined ? [byArn(what, replica.arn, call), ...own] : own;
      })),
    );
  }
  return found;
};

/** RDS knows its replicas, and not who subscribes to a database. */
const subscribersOf = ({ id, connect }: Asked): Promise<readonly Whereabouts[]> =>
  orUnknown(`subscribers of ${id}`, async () => {
    const readers = await withConnection(await connect(), listLogReaders);
    return readers
      .filter(({ kind }) => kind === 'logical')
      .map(({ name, address }) => ({
        what: `subscriber ${name} of ${id}`,
        answer: 'unknown',
        evidence: `pg_replication_slots: it is ${address === null ? 'not connected' : `connected from ${address}`}`,
      }));
  });
