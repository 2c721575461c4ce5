/** Types of resources whose loss loses data, or what opens it. */
const DATA_TYPES: ReadonlySet<string> = new Set([
  'aws:backup/vault:Vault',
  'aws:cloudwatch/logGroup:LogGroup',
  'aws:dynamodb/table:Table',
  'aws:efs/fileSystem:FileSystem',
  'aws:kms/key:Key',
  'aws:kms/replicaKey:ReplicaKey',
  'aws:rds/cluster:Cluster',
  'aws:rds/instance:Instance',
  'aws:rds/snapshot:Snapshot',
  'aws:s3/bucket:Bucket',
  'aws:s3/bucketV2:BucketV2',
  'aws:secretsmanager/secret:Secret',
  'cloudflare:index/d1Database:D1Database',
  'cloudflare:index/r2Bucket:R2Bucket',
  'cloudflare:index/workersScript:WorkersScript',
  'postgresql:index/database:Database',
  'ringfence:index:BackupSchedule',
  'ringfence:index:CellDatabase',
  'ringfence:index:LocalServer',
  'ringfence:index:RootKey',
  'ringfence:index:TenantEnrolment',
  'ringfence:index:TenantKey',
  'ringfence:index:TenantQuota',
]);

export const holdsData = (type: string): boolean => DATA_TYPES.has(type);
