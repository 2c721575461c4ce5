import { type AwsCellInputs, awsCellInputs, type WorkerInputs } from '../../../stacks/programs/aws/inputs.js';
import { ACCOUNT } from './stand-in/cloud.js';

/** A shared cell in Ireland. */
export const cellInputs = (changes: Partial<AwsCellInputs> = {}): AwsCellInputs =>
  awsCellInputs.parse({
    cell: 'clinics',
    account: ACCOUNT,
    tier: 'shared',
    region: 'eu-west-1',
    size: 'small',
    multiAz: false,
    network: null,
    copiesIn: null,
    historyDays: 7,
    tenant: null,
    operators: [],
    alarmTopics: [],
    ...changes,
  });

const ECR = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';

export const WORKER: WorkerInputs = {
  image: `${ECR}/ringfence@sha256:${'0123456789abcdef'.repeat(4)}`,
  secrets: {
    RINGFENCE_ALERT_WEBHOOK: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:clinics-webhook-a1B2c3',
  },
};

/** A cell that has every resource type that there is. */
export const EVERYTHING = cellInputs({
  tier: 'dedicated',
  tenant: 'clinica-sonrisa',
  multiAz: true,
  copiesIn: 'eu-central-1',
  operators: ['arn:aws:iam::123456789012:role/operator'],
  alarmTopics: ['arn:aws:sns:eu-west-1:123456789012:alarms'],
  worker: WORKER,
});

/** The place of a cell that Ringfence makes in AWS, as it is recorded. */
export const madeInAws = (infrastructure: object = {}) => ({
  target: 'aws',
  address: {
    rdsInstance: 'ringfence-clinics',
    infrastructure: {
      account: ACCOUNT,
      size: 'small',
      multiAz: false,
      network: null,
      copiesIn: null,
      ...infrastructure,
    },
  },
});
