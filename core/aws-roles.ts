/** Who works with a cell in AWS, each with permissions of its own (docs/aws.md). */
export const AWS_ROLES = ['deployer', 'worker', 'restorer', 'application'] as const;

export type AwsRole = (typeof AWS_ROLES)[number];
