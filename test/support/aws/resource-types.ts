/** Where a resource type of @pulumi/aws is described by others, by their names. */
export interface ResourceType {
  /** As Terraform names it, and with it `@cdktf/provider-aws`. */
  readonly terraform: string;
  /** As CloudFormation names it, and with it `@aws-cdk/aws-service-spec`; null for one that it does not know. */
  readonly cloudFormation: string | null;
  /** Requests of AWS's API, `<service>:<shape>`, whose members limit inputs of the same name (`botocore`). */
  readonly requests: readonly string[];
  /** Inputs with another name there. A dot leads into a nested object or a list of them. */
  readonly terraformNames?: Readonly<Record<string, string>>;
  readonly cloudFormationNames?: Readonly<Record<string, string>>;
  /** Also of nested inputs, as `<service>:<shape>.<member>`. */
  readonly requestNames?: Readonly<Record<string, string>>;
  /** Inputs that are JSON in a text, and the shape of AWS's API that it has, as `<service>:<shape>`. */
  readonly documents?: Readonly<Record<string, string>>;
  /** Rules that CloudFormation's documentation of a property has only as a sentence. */
  readonly sentences?: readonly Sentence[];
}

/** A rule as a sentence; making the descriptions fails where the documentation does not have it. */
interface Sentence {
  readonly input: string;
  /** The property whose documentation says it. */
  readonly property: string;
  readonly says: string;
  readonly limit:
    | { readonly min: number; readonly max: number }
    | { readonly oneOf: readonly (string | number)[] }
    | { readonly pattern: string }
    | { readonly not: string };
}

const months = Array.from({ length: 23 }, (_, month) => (month + 1) * 31);

/** The resource types that the AWS part of a cell uses, by their tokens. */
export const RESOURCE_TYPES: Readonly<Record<string, ResourceType>> = {
  'aws:ec2/vpc:Vpc': {
    terraform: 'aws_vpc',
    cloudFormation: 'AWS::EC2::VPC',
    requests: ['ec2:CreateVpcRequest'],
  },
  'aws:ec2/defaultSecurityGroup:DefaultSecurityGroup': {
    terraform: 'aws_default_security_group',
    cloudFormation: null,
    requests: [],
  },
  'aws:ec2/subnet:Subnet': {
    terraform: 'aws_subnet',
    cloudFormation: 'AWS::EC2::Subnet',
    requests: ['ec2:CreateSubnetRequest'],
  },
  'aws:ec2/routeTable:RouteTable': {
    terraform: 'aws_route_table',
    cloudFormation: 'AWS::EC2::RouteTable',
    requests: ['ec2:CreateRouteTableRequest'],
  },
  'aws:ec2/routeTableAssociation:RouteTableAssociation': {
    terraform: 'aws_route_table_association',
    cloudFormation: 'AWS::EC2::SubnetRouteTableAssociation',
    requests: ['ec2:AssociateRouteTableRequest'],
  },
  'aws:ec2/vpcEndpoint:VpcEndpoint': {
    terraform: 'aws_vpc_endpoint',
    cloudFormation: 'AWS::EC2::VPCEndpoint',
    requests: ['ec2:CreateVpcEndpointRequest'],
  },
  'aws:ec2/securityGroup:SecurityGroup': {
    terraform: 'aws_security_group',
    cloudFormation: 'AWS::EC2::SecurityGroup',
    requests: ['ec2:CreateSecurityGroupRequest'],
    cloudFormationNames: { description: 'GroupDescription', name: 'GroupName' },
  },
  'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule': {
    terraform: 'aws_vpc_security_group_ingress_rule',
    cloudFormation: 'AWS::EC2::SecurityGroupIngress',
    requests: [],
    cloudFormationNames: {
      cidrIpv4: 'CidrIp',
      securityGroupId: 'GroupId',
      referencedSecurityGroupId: 'SourceSecurityGroupId',
    },
  },
  'aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule': {
    terraform: 'aws_vpc_security_group_egress_rule',
    cloudFormation: 'AWS::EC2::SecurityGroupEgress',
    requests: [],
    cloudFormationNames: {
      cidrIpv4: 'CidrIp',
      securityGroupId: 'GroupId',
      prefixListId: 'DestinationPrefixListId',
      referencedSecurityGroupId: 'DestinationSecurityGroupId',
    },
  },
  'aws:kms/key:Key': {
    terraform: 'aws_kms_key',
    cloudFormation: 'AWS::KMS::Key',
    requests: ['kms:CreateKeyRequest', 'kms:EnableKeyRotationRequest'],
    cloudFormationNames: {
      policy: 'KeyPolicy',
      deletionWindowInDays: 'PendingWindowInDays',
      isEnabled: 'Enabled',
    },
    sentences: [
      {
        input: 'deletionWindowInDays',
        property: 'PendingWindowInDays',
        says: 'Enter a value between 7 and 30 days',
        limit: { min: 7, max: 30 },
      },
    ],
  },
  'aws:kms/alias:Alias': {
    terraform: 'aws_kms_alias',
    cloudFormation: 'AWS::KMS::Alias',
    requests: ['kms:CreateAliasRequest'],
    cloudFormationNames: { name: 'AliasName' },
    requestNames: { name: 'kms:CreateAliasRequest.AliasName' },
  },
  'aws:s3/bucket:Bucket': {
    terraform: 'aws_s3_bucket',
    cloudFormation: 'AWS::S3::Bucket',
    requests: [],
    cloudFormationNames: { bucket: 'BucketName' },
  },
  'aws:s3/bucketOwnershipControls:BucketOwnershipControls': {
    terraform: 'aws_s3_bucket_ownership_controls',
    cloudFormation: null,
    requests: [],
    requestNames: { 'rule.objectOwnership': 's3:OwnershipControlsRule.ObjectOwnership' },
  },
  'aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock': {
    terraform: 'aws_s3_bucket_public_access_block',
    cloudFormation: null,
    requests: [],
  },
  'aws:s3/bucketVersioning:BucketVersioning': {
    terraform: 'aws_s3_bucket_versioning',
    cloudFormation: null,
    requests: [],
    requestNames: { 'versioningConfiguration.status': 's3:VersioningConfiguration.Status' },
  },
  'aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration': {
    terraform: 'aws_s3_bucket_server_side_encryption_configuration',
    cloudFormation: null,
    requests: [],
    terraformNames: { rules: 'rule' },
    requestNames: {
      'rules.applyServerSideEncryptionByDefault.sseAlgorithm':
        's3:ServerSideEncryptionByDefault.SSEAlgorithm',
    },
  },
  'aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration': {
    terraform: 'aws_s3_bucket_object_lock_configuration',
    cloudFormation: null,
    requests: [],
    requestNames: {
      objectLockEnabled: 's3:ObjectLockConfiguration.ObjectLockEnabled',
      'rule.defaultRetention.mode': 's3:DefaultRetention.Mode',
    },
  },
  'aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration': {
    terraform: 'aws_s3_bucket_lifecycle_configuration',
    cloudFormation: null,
    requests: [],
    terraformNames: { rules: 'rule' },
    requestNames: { 'rules.status': 's3:LifecycleRule.Status' },
  },
  'aws:s3/bucketPolicy:BucketPolicy': {
    terraform: 'aws_s3_bucket_policy',
    cloudFormation: 'AWS::S3::BucketPolicy',
    requests: [],
    cloudFormationNames: { policy: 'PolicyDocument' },
  },
  'aws:cloudwatch/logGroup:LogGroup': {
    terraform: 'aws_cloudwatch_log_group',
    cloudFormation: 'AWS::Logs::LogGroup',
    requests: ['logs:CreateLogGroupRequest'],
    cloudFormationNames: { name: 'LogGroupName' },
    requestNames: { name: 'logs:CreateLogGroupRequest.logGroupName' },
  },
  'aws:cloudwatch/metricAlarm:MetricAlarm': {
    terraform: 'aws_cloudwatch_metric_alarm',
    cloudFormation: 'AWS::CloudWatch::Alarm',
    requests: ['cloudwatch:PutMetricAlarmInput'],
    terraformNames: { name: 'alarmName' },
    cloudFormationNames: { name: 'AlarmName' },
    requestNames: { name: 'cloudwatch:PutMetricAlarmInput.AlarmName' },
  },
  'aws:cloudwatch/logMetricFilter:LogMetricFilter': {
    terraform: 'aws_cloudwatch_log_metric_filter',
    cloudFormation: 'AWS::Logs::MetricFilter',
    requests: ['logs:PutMetricFilterRequest'],
    cloudFormationNames: { name: 'FilterName', pattern: 'FilterPattern' },
    requestNames: {
      name: 'logs:PutMetricFilterRequest.filterName',
      pattern: 'logs:PutMetricFilterRequest.filterPattern',
      'metricTransformation.name': 'logs:MetricTransformation.metricName',
      'metricTransformation.namespace': 'logs:MetricTransformation.metricNamespace',
    },
  },
  'aws:cloudwatch/eventRule:EventRule': {
    terraform: 'aws_cloudwatch_event_rule',
    cloudFormation: 'AWS::Events::Rule',
    requests: ['events:PutRuleRequest'],
  },
  'aws:cloudwatch/eventTarget:EventTarget': {
    terraform: 'aws_cloudwatch_event_target',
    cloudFormation: null,
    requests: [],
    requestNames: {
      rule: 'events:PutTargetsRequest.Rule',
      targetId: 'events:Target.Id',
      arn: 'events:Target.Arn',
    },
  },
  'aws:ecs/cluster:Cluster': {
    terraform: 'aws_ecs_cluster',
    cloudFormation: 'AWS::ECS::Cluster',
    requests: ['ecs:CreateClusterRequest'],
    cloudFormationNames: { name: 'ClusterName' },
  },
  'aws:ecs/taskDefinition:TaskDefinition': {
    terraform: 'aws_ecs_task_definition',
    cloudFormation: 'AWS::ECS::TaskDefinition',
    requests: ['ecs:RegisterTaskDefinitionRequest'],
    terraformNames: { volumes: 'volume' },
    documents: { containerDefinitions: 'ecs:ContainerDefinitions' },
    requestNames: {
      'runtimePlatform.cpuArchitecture': 'ecs:RuntimePlatform.cpuArchitecture',
      'runtimePlatform.operatingSystemFamily': 'ecs:RuntimePlatform.operatingSystemFamily',
    },
    sentences: [
      {
        input: 'memory',
        property: 'Memory',
        says: '- 2048 (2 GB), 3072 (3 GB), 4096 (4 GB), 5120 (5 GB), 6144 (6 GB), 7168 (7 GB), 8192 (8 GB) - Available `cpu` values: 1024 (1 vCPU)',
        limit: { oneOf: ['2048', '3072', '4096', '5120', '6144', '7168', '8192'] },
      },
    ],
  },
  'aws:ecs/service:Service': {
    terraform: 'aws_ecs_service',
    cloudFormation: 'AWS::ECS::Service',
    requests: ['ecs:CreateServiceRequest'],
    cloudFormationNames: { name: 'ServiceName' },
  },
  'aws:rds/subnetGroup:SubnetGroup': {
    terraform: 'aws_db_subnet_group',
    cloudFormation: 'AWS::RDS::DBSubnetGroup',
    requests: ['rds:CreateDBSubnetGroupMessage'],
    cloudFormationNames: { name: 'DBSubnetGroupName', description: 'DBSubnetGroupDescription' },
  },
  'aws:rds/parameterGroup:ParameterGroup': {
    terraform: 'aws_db_parameter_group',
    cloudFormation: 'AWS::RDS::DBParameterGroup',
    requests: ['rds:CreateDBParameterGroupMessage'],
    terraformNames: { parameters: 'parameter' },
    cloudFormationNames: { name: 'DBParameterGroupName' },
    requestNames: { 'parameters.applyMethod': 'rds:Parameter.ApplyMethod' },
  },
  'aws:rds/instance:Instance': {
    terraform: 'aws_db_instance',
    cloudFormation: 'AWS::RDS::DBInstance',
    requests: ['rds:CreateDBInstanceMessage'],
    cloudFormationNames: {
      identifier: 'DBInstanceIdentifier',
      instanceClass: 'DBInstanceClass',
      password: 'MasterUserPassword',
      username: 'MasterUsername',
      backupWindow: 'PreferredBackupWindow',
      maintenanceWindow: 'PreferredMaintenanceWindow',
      parameterGroupName: 'DBParameterGroupName',
      caCertIdentifier: 'CACertificateIdentifier',
      iamDatabaseAuthenticationEnabled: 'EnableIAMDatabaseAuthentication',
      performanceInsightsEnabled: 'EnablePerformanceInsights',
      enabledCloudwatchLogsExports: 'EnableCloudwatchLogsExports',
      vpcSecurityGroupIds: 'VPCSecurityGroups',
    },
    sentences: [
      {
        input: 'backupRetentionPeriod',
        property: 'BackupRetentionPeriod',
        says: 'Must be a value from 0 to 35',
        limit: { min: 0, max: 35 },
      },
      {
        input: 'allocatedStorage',
        property: 'AllocatedStorage',
        says: 'General Purpose (SSD) storage (gp3): Must be an integer from 20 to 64000',
        limit: { min: 20, max: 64_000 },
      },
      {
        input: 'enabledCloudwatchLogsExports',
        property: 'EnableCloudwatchLogsExports',
        says: '*PostgreSQL*\n\nValid values: `postgresql` , `upgrade`',
        limit: { oneOf: ['postgresql', 'upgrade'] },
      },
      {
        input: 'performanceInsightsRetentionPeriod',
        property: 'PerformanceInsightsRetentionPeriod',
        says: '- `7`\n- *month* * 31, where *month* is a number of months from 1-23',
        limit: { oneOf: [7, ...months, 731] },
      },
      {
        input: 'manageMasterUserPassword',
        property: 'ManageMasterUserPassword',
        says: "Can't manage the master user password with AWS Secrets Manager if `MasterUserPassword` is specified.",
        limit: { not: 'password' },
      },
    ],
  },
  'aws:rds/instanceAutomatedBackupsReplication:InstanceAutomatedBackupsReplication': {
    terraform: 'aws_db_instance_automated_backups_replication',
    cloudFormation: null,
    requests: ['rds:StartDBInstanceAutomatedBackupsReplicationMessage'],
  },
  'aws:iam/role:Role': {
    terraform: 'aws_iam_role',
    cloudFormation: 'AWS::IAM::Role',
    requests: ['iam:CreateRoleRequest'],
    cloudFormationNames: { name: 'RoleName', assumeRolePolicy: 'AssumeRolePolicyDocument' },
    requestNames: {
      name: 'iam:CreateRoleRequest.RoleName',
      assumeRolePolicy: 'iam:CreateRoleRequest.AssumeRolePolicyDocument',
    },
  },
  'aws:iam/rolePolicy:RolePolicy': {
    terraform: 'aws_iam_role_policy',
    cloudFormation: null,
    requests: [],
    requestNames: {
      name: 'iam:PutRolePolicyRequest.PolicyName',
      policy: 'iam:PutRolePolicyRequest.PolicyDocument',
    },
  },
};
