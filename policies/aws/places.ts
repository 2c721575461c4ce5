import { regionOfArn } from '../../core/arn.js';
import { isHidden, type Properties } from '../values.js';

const REGION_KEY = /^(?:.+R|.+-r|r)egion(?:Name)?$/;
const ZONE_KEY = /^availabilityZones?$/;

/** Services that AWS runs in no region, or in all. */
const GLOBAL = /^aws:(?:iam|route53|cloudfront|organizations|globalaccelerator|waf|budgets|costexplorer)\//;

export const isRegional = (type: string): boolean => type.startsWith('aws:') && !GLOBAL.test(type);

/** Every region that properties name: by a key for regions or zones, or in an ARN, at any depth. Copies are found by it. */
export const regionsNamed = (properties: Properties): { regions: string[]; hidden: string[] } => {
  const regions = new Set<string>();
  const hidden: string[] = [];
  const look = (key: string, value: unknown): void => {
    if (Array.isArray(value)) for (const one of value) look(key, one);
    else if (isHidden(value)) {
      if (REGION_KEY.test(key) || ZONE_KEY.test(key)) hidden.push(key);
    } else if (typeof value === 'object' && value !== null)
      for (const [name, one] of Object.entries(value)) look(name, one);
    else if (typeof value === 'string') {
      const region = REGION_KEY.test(key)
        ? value
        : ZONE_KEY.test(key)
          ? value.replace(/[a-z]$/, '')
          : regionOfArn(value);
      if (region) regions.add(region);
    }
  };
  look('', properties);
  return { regions: [...regions], hidden };
};
