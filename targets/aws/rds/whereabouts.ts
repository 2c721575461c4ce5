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
  /** The cell's database, as its administrator. */
  readonly connect: () => Promise<Connection>;
}

const INSTANCES = 'rds:DescribeDBInstances';

/** Where a part of an instance is, as RDS reports it in ARNs. */
export const rdsWhereabouts = async (part: ServerPart, asked: Asked): Promise<readonly Whereabouts[]> => {
  const { id, rds } = asked;
  const what = `instance ${id}`;
  return orUnknown(what, async () => {
    const instance = await rds.get(id);
    if (part === 'database')
      return [byArn(what, instance.arn, `${INSTANCES}, ${instance.zones.join(' and ')}`)];
    if (part === 'logs') return [logsOf(instance)];
    if (part === 'history') return historyOf(asked, instance);
    const replicas = [
      ...(await replicasOf(asked.rdsIn, instance, new Set([instance.arn]))),
      ...(await subscribersOf(asked)),
    ];
    return replicas.length > 0
      ? replicas
      : [{ what: `replicas of ${id}`, answer: 'none', evidence: `${INSTANCES}, pg_replication_slots: none` }];
  });
};

const logsOf = ({ id, arn, exportedLogs }: RdsInstance): Whereabouts => {
  const what = `logs of ${id}`;
  if (exportedLogs.length === 0) return byArn(what, arn, `${INSTANCES}, which sends no log elsewhere`);
  const evidence = `${INSTANCES}: ${exportedLogs.join(', ')} goes to CloudWatch Logs, which is not asked`;
  return { what, answer: 'unknown', evidence };
};

const historyOf = async ({ rds }: Asked, instance: RdsInstance): Promise<Whereabouts[]> => {
  const { id, backupCopies } = instance;
  const own = await orUnknown(`automated backups of ${id}`, async () =>
    (await rds.automatedBackups(instance)).map((arn) =>
      byArn(`automated backups of ${id}`, arn, 'rds:DescribeDBInstanceAutomatedBackups'),
    ),
  );
  const snapshots = await orUnknown(`snapshots of ${id}`, async () =>
    (await rds.snapshots(instance)).map((arn) => byArn(`snapshot of ${id}`, arn, 'rds:DescribeDBSnapshots')),
  );
  const copies = backupCopies.map((arn) => byArn(`copy of the automated backups of ${id}`, arn, INSTANCES));
  const found = [...own, ...copies, ...snapshots];
  if (found.length > 0) return found;
  return [
    {
      what: `backups of ${id}`,
      answer: 'none',
      evidence: 'rds:DescribeDBInstanceAutomatedBackups, rds:DescribeDBSnapshots: none',
    },
  ];
};

/** Read replicas, and theirs. @param seen ARNs of those that were asked. */
const replicasOf = async (
  rdsIn: Asked['rdsIn'],
  { id, arn, replicas, clusterReplicas }: RdsInstance,
  seen: Set<string>,
): Promise<Whereabouts[]> => {
  const home = regionOfArn(arn) ?? '';
  const found: Whereabouts[] = clusterReplicas.map((cluster) => {
    const what = `cluster ${cluster}, a replica of ${id}`;
    const region = regionOfArn(cluster) ?? home;
    return { what, answer: 'region', region, evidence: `${INSTANCES}: ${arn} names it` };
  });
  for (const named of replicas) {
    const name = named.split(':').at(-1) ?? '';
    const what = `replica ${name} of ${id}`;
    if (regionOfArn(named) !== undefined) found.push(byArn(what, named, INSTANCES));
    found.push(
      ...(await orUnknown(`${what}, and its own`, async () => {
        const replica = await rdsIn(regionOfArn(named) ?? home).get(name);
        if (seen.has(replica.arn)) return [];
        seen.add(replica.arn);
        const own = await replicasOf(rdsIn, replica, seen);
        return regionOfArn(named) === undefined ? [byArn(what, replica.arn, INSTANCES), ...own] : own;
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
