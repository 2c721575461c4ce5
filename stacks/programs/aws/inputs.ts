import { z } from 'zod';
import { regionOfArn } from '../../../core/arn.js';
import { SLUG_PATTERN } from '../../../core/ids.js';
import { REGION_NAMES, REGIONS } from '../../../core/regions.js';
import { SIZES } from '../../../core/sizes.js';
import { FIRST_NETWORK_NUMBER, LAST_NETWORK_NUMBER } from '../../../targets/aws/infrastructure.js';

/** A private network that is there already. RDS wants subnets in two zones at least. */
const existingNetwork = z.strictObject({
  vpcId: z.string().regex(/^vpc-[0-9a-f]{8,17}$/, 'is the id of a network: vpc-…'),
  subnetIds: z
    .array(z.string().regex(/^subnet-[0-9a-f]{8,17}$/, 'is the id of a subnet: subnet-…'))
    .min(2, 'has subnets in two zones at least'),
});

/** One of another region cannot be pulled from a network without a way out. */
const IMAGE =
  /^\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.(?:com|eu)\/[a-z0-9]+(?:[._/-][a-z0-9]+)*@sha256:[0-9a-f]{64}$/;
const SECRET = /^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:\d{12}:secret:[A-Za-z0-9/_+=.@-]+$/;

/** ECS takes no name twice, and the bucket, the control database and the state are said by the program. */
const VARIABLE = /^RINGFENCE_(?!(?:OBJECTS|CONTROL|STATE)$)[A-Z_]+$/;

/** The worker as a service of ECS. */
const workerInputs = z.strictObject({
  image: z
    .string()
    .regex(
      IMAGE,
      'is an image in ECR by its digest: <account>.dkr.ecr.<region>.amazonaws.com/<name>@sha256:…',
    ),
  /** By the variable of the worker that gets each. */
  secrets: z
    .record(z.string(), z.string().regex(SECRET, 'is the ARN of a secret: arn:aws:secretsmanager:…'))
    .refine((secrets) => Object.keys(secrets).every((name) => VARIABLE.test(name)), {
      message: 'a variable is a setting of Ringfence that the cell does not give: RINGFENCE_…',
    }),
});

const TOPIC = /^arn:[a-z-]+:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}$/;

/** The control database on RDS, which the worker and the operators of a cell work with. */
const controlInputs = z.strictObject({
  region: z.enum(REGION_NAMES),
  rdsInstance: z.string(),
  /** Where it is, and the group that reaches it there; null for an instance that was there already. */
  network: z.strictObject({ vpcId: z.string(), clientsSecurityGroup: z.string() }).nullable(),
});

/** What the AWS part of a cell is made from. It is whole: the program looks nothing up. */
export const awsCellInputs = z
  .strictObject({
    cell: z.string().regex(SLUG_PATTERN),
    /** The number of the account. */
    account: z.string().regex(/^\d{12}$/),
    tier: z.enum(['shared', 'dedicated']),
    region: z.enum(REGION_NAMES),
    size: z.enum(SIZES),
    /** A second server in another zone, which takes over by itself. */
    multiAz: z.boolean(),
    /** Null for a network of the cell's own. */
    network: existingNetwork.nullable(),
    /** Of a network of its own: 10.<number>.0.0/16. */
    networkNumber: z.int().min(FIRST_NETWORK_NUMBER).max(LAST_NETWORK_NUMBER).default(FIRST_NETWORK_NUMBER),
    /** Another region in which RDS keeps copies of the automated backups; null for none. */
    copiesIn: z.enum(REGION_NAMES).nullable(),
    /** How many days back RDS can restore. */
    historyDays: z.int().min(1).max(35),
    /** The one tenant of a dedicated cell, for its costs. */
    tenant: z.string().regex(SLUG_PATTERN).nullable(),
    /** Who may take the role of the data plane besides its containers: ARNs of roles and users. */
    operators: z.array(z.string().regex(/^arn:[a-z-]+:iam::\d{12}:(?:role|user)\/.+$/)),
    /** Topics of SNS that are told of alarms. CloudWatch takes five, of its own region, and none that keeps an order (`.fifo`). */
    alarmTopics: z.array(z.string().regex(TOPIC, 'is the ARN of a standard topic: arn:aws:sns:…')).max(5),
    /** Null for none. */
    worker: workerInputs.nullable().default(null),
    /** Null for one on the machine of the project. */
    control: controlInputs.nullable().default(null),
    /** The place of the engine's state, as RINGFENCE_STATE has it; null for one on the machine of the project. */
    state: z.string().nullable().default(null),
  })
  .refine(({ region, worker }) => worker === null || registryRegion(worker.image) === region, {
    path: ['worker', 'image'],
    message: 'the image of the worker is in the region of the cell: its network reaches no other registry',
  })
  .refine(
    ({ region, worker }) => Object.values(worker?.secrets ?? {}).every((arn) => regionOfArn(arn) === region),
    { path: ['worker', 'secrets'], message: 'a secret of the worker is in the region of the cell' },
  )
  .refine(({ tier, multiAz }) => tier === 'shared' || multiAz, {
    path: ['multiAz'],
    message: 'a dedicated cell has a server in a second zone',
  })
  .refine(({ region, alarmTopics }) => alarmTopics.every((topic) => regionOfArn(topic) === region), {
    path: ['alarmTopics'],
    message:
      'a topic is in the region of the cell: CloudWatch tells no other, and names of the cell stay there',
  })
  .refine(({ region, copiesIn }) => copiesIn !== region, {
    path: ['copiesIn'],
    message: 'copies belong into another region than the cell',
  })
  .refine(({ region, copiesIn }) => copiesIn === null || !REGIONS[region].eu || REGIONS[copiesIn].eu, {
    path: ['copiesIn'],
    message: 'copies of a cell in the EU stay in the EU',
  });

const registryRegion = (image: string): string | undefined => image.split('.')[3];

export type WorkerInputs = z.infer<typeof workerInputs>;
export type AwsCellInputs = z.infer<typeof awsCellInputs>;
