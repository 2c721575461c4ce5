import * as pulumi from '@pulumi/pulumi';
import type { Quotas } from '../../manifest/index.js';
import type { BackupSchedule as BackupSchedulePlan } from '../protocol/provider/dependencies.js';

/** The resources of package `ringfence` as a program declares them; stacks/protocol/provider serves them. */
type Inputs<T> = { [key in keyof T]: pulumi.Input<T[key]> };

export class LocalServer extends pulumi.CustomResource {
  declare readonly host: pulumi.Output<string>;
  declare readonly currentPort: pulumi.Output<number>;
  constructor(
    name: string,
    args: Inputs<{ cell: string; port?: number }>,
    options?: pulumi.CustomResourceOptions,
  ) {
    super('ringfence:index:LocalServer', name, { ...args, host: undefined, currentPort: undefined }, options);
  }
}

export class RootKey extends pulumi.CustomResource {
  declare readonly rootKeyId: pulumi.Output<string>;
  constructor(name: string, args: Inputs<{ cell: string }>, options?: pulumi.CustomResourceOptions) {
    super('ringfence:index:RootKey', name, { ...args, rootKeyId: undefined }, options);
  }
}

export class CellDatabase extends pulumi.CustomResource {
  constructor(
    name: string,
    args: Inputs<{ cell: string; schemaHash: string; differences: string[] }>,
    options?: pulumi.CustomResourceOptions,
  ) {
    super('ringfence:index:CellDatabase', name, args, options);
  }
}

export class TenantKey extends pulumi.CustomResource {
  declare readonly version: pulumi.Output<number>;
  constructor(
    name: string,
    args: Inputs<{ tenantId: string; cell: string }>,
    options?: pulumi.CustomResourceOptions,
  ) {
    super('ringfence:index:TenantKey', name, { ...args, version: undefined }, options);
  }
}

interface EnrolmentArgs {
  cell: string;
  tenantId: string;
  slug: string;
  clinics: { id: string; slug: string; name: string; vertical: string; timeZone: string }[];
  state: 'active';
}

export class TenantEnrolment extends pulumi.CustomResource {
  constructor(name: string, args: Inputs<EnrolmentArgs>, options?: pulumi.CustomResourceOptions) {
    super('ringfence:index:TenantEnrolment', name, args, options);
  }
}

interface LoginArgs {
  cell: string;
  tenantId: string;
  connections: number;
  statementTimeoutMs: number;
  reason: string;
  keyVersion: number;
  intact: true;
}

export class TenantLogin extends pulumi.CustomResource {
  declare readonly name: pulumi.Output<string>;
  constructor(name: string, args: Inputs<LoginArgs>, options?: pulumi.CustomResourceOptions) {
    super('ringfence:index:TenantLogin', name, { ...args, name: undefined }, options);
  }
}

type QuotaArgs = { cell: string; tenantId: string } & Quotas;

export class TenantQuota extends pulumi.CustomResource {
  constructor(name: string, args: Inputs<QuotaArgs>, options?: pulumi.CustomResourceOptions) {
    super('ringfence:index:TenantQuota', name, args, options);
  }
}

type BackupScheduleArgs = { tenantId: string } & BackupSchedulePlan;

export class BackupSchedule extends pulumi.CustomResource {
  constructor(name: string, args: Inputs<BackupScheduleArgs>, options?: pulumi.CustomResourceOptions) {
    super('ringfence:index:BackupSchedule', name, args, options);
  }
}
