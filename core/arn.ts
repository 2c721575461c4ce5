import type { Whereabouts } from './whereabouts.js';

/** The region in an ARN of AWS, in any partition; undefined in one of a thing without a region, and in other text. */
export const regionOfArn = (arn: string): string | undefined =>
  /^arn:[a-z-]+:[a-z0-9-]+:([a-z0-9-]+):/.exec(arn)?.[1];

/** By the region in its ARN, which AWS gives to what it makes. */
export const byArn = (what: string, arn: string, call: string): Whereabouts => {
  const region = regionOfArn(arn);
  return region === undefined
    ? { what, answer: 'unknown', evidence: `${call}: ${arn || 'no ARN'}` }
    : { what, answer: 'region', region, evidence: `${call}: ${arn}` };
};
