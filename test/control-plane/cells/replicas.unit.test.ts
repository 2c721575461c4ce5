import { expect, test } from 'vitest';
import { refuseForeignReplica } from '../../../control-plane/cells/replicas.js';
import { aws } from '../../../targets/aws/index.js';

const address = { rdsInstance: 'clinics-prod' };

test('replicas of an instance that is not ours are refused, and so is a failover of it', async () => {
  expect(() => refuseForeignReplica({ name: 'prod', target: 'aws', address })).toThrow(
    'cell prod is on Amazon RDS, which makes replicas of instance clinics-prod and fails over by itself',
  );
  refuseForeignReplica({ name: 'here', target: 'local', address: {} });
  const nothing = () => undefined;
  const target = aws.open({ home: '/nowhere', env: {}, reached: nothing, say: nothing });
  const host = target.host({ name: 'prod', region: 'eu-central-1', address, port: 5_432 });
  expect(await host.replica()).toBeUndefined();
  await expect(host.planFailover()).rejects.toMatchObject({ code: 'usage' });
  await expect(
    host.failOver({ mayLose: true, now: () => new Date(), reached: nothing, ready: async () => undefined }),
  ).rejects.toMatchObject({ code: 'usage' });
});
