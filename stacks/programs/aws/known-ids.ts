const BUCKET = 'bucket';
const NAME = 'name';

/** Inputs that are the id by which the provider for AWS reads a thing. Others get an id of AWS's own. */
const ID_INPUTS: Readonly<Record<string, string>> = {
  'aws:cloudwatch/eventRule:EventRule': NAME,
  'aws:cloudwatch/logGroup:LogGroup': NAME,
  'aws:cloudwatch/metricAlarm:MetricAlarm': NAME,
  'aws:ecs/cluster:Cluster': NAME,
  'aws:iam/role:Role': NAME,
  'aws:kms/alias:Alias': NAME,
  'aws:rds/instance:Instance': 'identifier',
  'aws:rds/parameterGroup:ParameterGroup': NAME,
  'aws:rds/subnetGroup:SubnetGroup': NAME,
  'aws:s3/bucket:Bucket': BUCKET,
  'aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration': BUCKET,
  'aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration': BUCKET,
  'aws:s3/bucketOwnershipControls:BucketOwnershipControls': BUCKET,
  'aws:s3/bucketPolicy:BucketPolicy': BUCKET,
  'aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock': BUCKET,
  'aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration': BUCKET,
  'aws:s3/bucketVersioning:BucketVersioning': BUCKET,
};

/** The id of a thing that a killed run may have begun to make; undefined where only AWS knows it. */
export const knownId = (type: string, inputs: Readonly<Record<string, unknown>>): string | undefined => {
  if (type === 'aws:ecs/service:Service') {
    const cluster = String(inputs.cluster).split(':cluster/')[1];
    return cluster === undefined ? undefined : `${cluster}/${inputs.name}`;
  }
  const id = inputs[ID_INPUTS[type] ?? ''];
  return typeof id === 'string' ? id : undefined;
};
