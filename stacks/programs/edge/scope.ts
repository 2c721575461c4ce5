import type * as pulumi from '@pulumi/pulumi';
import type { EdgeInputs } from './inputs.js';
import { edgeNames } from './names.js';

/** What every part of an edge gets. */
export interface EdgeScope {
  readonly inputs: EdgeInputs;
  readonly names: ReturnType<typeof edgeNames>;
  readonly options: pulumi.CustomResourceOptions;
}

export const edgeScope = (inputs: EdgeInputs, provider: pulumi.ProviderResource): EdgeScope => ({
  inputs,
  names: edgeNames(inputs.edge),
  options: { provider },
});
