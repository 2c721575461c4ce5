/** The Pulumi project that all stacks belong to. */
export const PROJECT = 'ringfence';

/** The version of package `ringfence`: of its resource types. */
export const PROVIDER_VERSION = '0.2.0';

/** The version of @pulumi/postgresql whose resource types the stacks use. */
export const POSTGRESQL_VERSION = '3.18.1';

/** The version of @pulumi/aws whose resource types the stacks use. */
export const AWS_VERSION = '7.48.0';

/** The version of @pulumi/cloudflare whose resource types the stacks use. */
export const CLOUDFLARE_VERSION = '6.22.1';

export const cellStack = (cell: string): string => `cell.${cell}`;
/** What a cell has in AWS, where Ringfence makes it. */
export const infrastructureStack = (cell: string): string => `aws.${cell}`;
/** What stands in front of the cells, where Ringfence deploys it. */
export const edgeStack = (edge: string): string => `edge.${edge}`;
export const tenantStack = (slug: string): string => `tenant.${slug}`;

/** How a stack names another one of this project in a file or object store backend. */
export const stackReference = (stack: string): string => `organization/${PROJECT}/${stack}`;
