import { Role } from '@pulumi/aws/iam/role.js';
import { RolePolicy } from '@pulumi/aws/iam/rolePolicy.js';
import type { WorkerInputs } from '../inputs.js';
import { policyOf, type Statement } from '../key-policy.js';
import type { AwsScope } from '../scope.js';

/** What starts containers, and nobody else, takes it: it pulls the image, writes their logs and reads the secrets that they get. */
export const executionRole = (scope: AwsScope, worker: WorkerInputs): { role: Role; policy: RolePolicy } => {
  const { inputs, names, options, tags } = scope;
  const role = new Role(
    'execution',
    {
      name: names.executionRole,
      description: `Starts the worker of Ringfence cell ${inputs.cell}`,
      assumeRolePolicy: tasksTakeRole(inputs.account),
      tags: tags(),
    },
    options,
  );
  const policy = new RolePolicy(
    'execution',
    { name: 'worker', role: role.id, policy: policyOf(executionStatements(scope, worker)) },
    options,
  );
  return { role, policy };
};

const tasksTakeRole = (account: string): string =>
  policyOf([
    {
      Effect: 'Allow',
      Principal: { Service: 'ecs-tasks.amazonaws.com' },
      Action: 'sts:AssumeRole',
      Condition: { StringEquals: { 'aws:SourceAccount': account } },
    },
  ]);

export const executionStatements = (
  { inputs, names, partition }: Pick<AwsScope, 'inputs' | 'names' | 'partition'>,
  { image, secrets }: WorkerInputs,
): Statement[] => {
  const { region, account } = inputs;
  const registry = image.slice(0, image.indexOf('.'));
  const repository = image.slice(image.indexOf('/') + 1, image.indexOf('@'));
  const arns = Object.values(secrets);
  return [
    { Sid: 'Registry', Effect: 'Allow', Action: 'ecr:GetAuthorizationToken', Resource: '*' },
    {
      Sid: 'Image',
      Effect: 'Allow',
      Action: ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
      Resource: `arn:${partition}:ecr:${region}:${registry}:repository/${repository}`,
    },
    {
      Sid: 'Logs',
      Effect: 'Allow',
      Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      Resource: `arn:${partition}:logs:${region}:${account}:log-group:${names.workerLogs}:log-stream:*`,
    },
    ...(arns.length === 0
      ? []
      : [{ Sid: 'Secrets', Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: arns }]),
  ];
};
