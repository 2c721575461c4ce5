import { z } from 'zod';
import { RingfenceError } from '../../core/errors.js';
import type { AwsCellInputs } from '../../stacks/programs/aws/inputs.js';

/**
 * The inputs of the programs for AWS, of a cell or of the control database.
 * @param words for the refusal: what is to be made, and what a page says of it.
 * @throws RingfenceError usage for what AWS, or residency, does not take.
 */
export const awsInputs = async (
  given: Readonly<Record<string, unknown>>,
  words: { readonly what: string; readonly has: string },
): Promise<AwsCellInputs> => {
  const { awsCellInputs } = await import('../../stacks/programs/aws/inputs.js');
  const { zonesOf } = await import('../../stacks/programs/aws/zones.js');
  const parsed = awsCellInputs.safeParse({ operators: [], alarmTopics: [], ...given });
  if (!parsed.success)
    throw new RingfenceError(
      'usage',
      `${words.what} cannot be made in AWS: ${z.prettifyError(parsed.error)}`,
      { fix: `see docs/aws.md for what ${words.has} there` },
    );
  if (parsed.data.network === null) zonesOf(parsed.data.region);
  return parsed.data;
};
