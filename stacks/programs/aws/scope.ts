import type * as pulumi from '@pulumi/pulumi';
import type { AwsCellInputs } from './inputs.js';
import { awsNames, partitionOf } from './names.js';

/** What every resource group of a cell gets. */
export interface AwsScope {
  readonly inputs: AwsCellInputs;
  readonly names: ReturnType<typeof awsNames>;
  readonly partition: string;
  readonly options: pulumi.CustomResourceOptions;
  /** For what holds rows or opens them: the engine refuses to delete or replace it until a purge ends this. */
  readonly kept: pulumi.CustomResourceOptions;
  /** For what backups and snapshots need after the cell: a purge only forgets it. */
  readonly left: pulumi.CustomResourceOptions;
  /** Tags for costs, with a name for people where a resource has none of its own. */
  tags(name?: string): Record<string, string>;
}

export const awsScope = (inputs: AwsCellInputs, provider: pulumi.ProviderResource): AwsScope => {
  const { cell, tier, tenant, region } = inputs;
  const tags = {
    'ringfence:cell': cell,
    'ringfence:tier': tier,
    ...(tenant === null ? {} : { 'ringfence:tenant': tenant }),
  };
  return {
    inputs,
    names: awsNames(cell),
    partition: partitionOf(region),
    options: { provider },
    kept: { provider, protect: true },
    left: { provider, protect: true, retainOnDelete: true },
    tags: (name) => ({ ...tags, ...(name === undefined ? {} : { Name: name }) }),
  };
};
