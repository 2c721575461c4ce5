import { EventRule } from '@pulumi/aws/cloudwatch/eventRule.js';
import { EventTarget } from '@pulumi/aws/cloudwatch/eventTarget.js';
import type { Cluster } from '@pulumi/aws/ecs/cluster.js';
import type { Instance } from '@pulumi/aws/rds/instance.js';
import type * as pulumi from '@pulumi/pulumi';
import type { AwsScope } from './scope.js';

interface Watched {
  readonly what: string;
  readonly says: string;
  readonly pattern: pulumi.Input<string>;
}

/** Categories of RDS's events that somebody has to know of (RDS User Guide, event categories). */
const OF_DATABASE = ['deletion', 'failover', 'failure', 'low storage', 'recovery', 'security'];

/** What no metric shows: a failover, an instance that failed, a worker that does not start or does not stay. They tell the topics of alarms. */
export const cellEvents = (scope: AwsScope, database: Instance, cluster: Cluster | undefined): void => {
  const { inputs, names, options, tags } = scope;
  if (inputs.alarmTopics.length === 0) return;
  for (const { what, says, pattern } of [
    ofDatabase(database),
    ...(cluster ? ofWorker(scope, cluster) : []),
  ]) {
    const rule = new EventRule(
      what,
      {
        name: names.eventRule(what),
        description: `The ${says} of Ringfence cell ${inputs.cell}`,
        eventPattern: pattern,
        tags: tags(),
      },
      options,
    );
    for (const [index, arn] of inputs.alarmTopics.entries())
      new EventTarget(`${what}-${index}`, { rule: rule.name, targetId: `topic-${index}`, arn }, options);
  }
};

const ofDatabase = (database: Instance): Watched => ({
  what: 'database-event',
  says: 'database',
  pattern: database.identifier.apply((identifier) =>
    JSON.stringify({
      source: ['aws.rds'],
      'detail-type': ['RDS DB Instance Event'],
      detail: { SourceIdentifier: [identifier], EventCategories: OF_DATABASE },
    }),
  ),
});

const ofWorker = ({ inputs, names, partition }: AwsScope, cluster: Cluster): Watched[] => {
  const { region, account } = inputs;
  const service = `arn:${partition}:ecs:${region}:${account}:service/${names.cluster}/${names.workerService}`;
  return [
    {
      what: 'worker-stopped',
      says: 'worker',
      pattern: cluster.arn.apply((arn) =>
        JSON.stringify({
          source: ['aws.ecs'],
          'detail-type': ['ECS Task State Change'],
          detail: {
            clusterArn: [arn],
            lastStatus: ['STOPPED'],
            // Also ECS itself stops a container, for its health or for a new deployment.
            $or: [
              { stopCode: ['EssentialContainerExited', 'TaskFailedToStart'] },
              { stoppedReason: [{ prefix: 'Task failed container health checks' }] },
            ],
          },
        }),
      ),
    },
    {
      what: 'worker-failed',
      says: 'deployment of the worker',
      pattern: JSON.stringify({
        source: ['aws.ecs'],
        'detail-type': ['ECS Deployment State Change', 'ECS Service Action'],
        resources: [service],
        detail: {
          eventName: [
            'SERVICE_DEPLOYMENT_FAILED',
            'SERVICE_TASK_PLACEMENT_FAILURE',
            'SERVICE_TASK_START_IMPAIRED',
          ],
        },
      }),
    },
  ];
};
