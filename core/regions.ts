/** The place of an AWS region. `country` is ISO 3166-1; London and Zurich are in Europe, not in the EU. */
export interface RegionFacts {
  readonly place: string;
  readonly country: string;
  readonly eu: boolean;
}

const eu = (place: string, country: string): RegionFacts => ({ place, country, eu: true });
const abroad = (place: string, country: string): RegionFacts => ({ place, country, eu: false });

/** The AWS regions, those of the EU first and their default foremost. */
export const REGIONS = {
  'eu-central-1': eu('Frankfurt', 'DE'),
  'eu-west-1': eu('Ireland', 'IE'),
  'eu-west-3': eu('Paris', 'FR'),
  'eu-north-1': eu('Stockholm', 'SE'),
  'eu-south-1': eu('Milan', 'IT'),
  'eu-south-2': eu('Aragon', 'ES'),
  'eusc-de-east-1': eu('Brandenburg, European Sovereign Cloud', 'DE'),
  'eu-west-2': abroad('London', 'GB'),
  'eu-central-2': abroad('Zurich', 'CH'),
  'us-east-1': abroad('Northern Virginia', 'US'),
  'us-east-2': abroad('Ohio', 'US'),
  'us-west-1': abroad('Northern California', 'US'),
  'us-west-2': abroad('Oregon', 'US'),
  'ca-central-1': abroad('Montreal', 'CA'),
  'ca-west-1': abroad('Calgary', 'CA'),
  'mx-central-1': abroad('Querétaro', 'MX'),
  'sa-east-1': abroad('São Paulo', 'BR'),
  'il-central-1': abroad('Tel Aviv', 'IL'),
  'me-south-1': abroad('Bahrain', 'BH'),
  'me-central-1': abroad('Dubai', 'AE'),
  'af-south-1': abroad('Cape Town', 'ZA'),
  'ap-south-1': abroad('Mumbai', 'IN'),
  'ap-south-2': abroad('Hyderabad', 'IN'),
  'ap-southeast-1': abroad('Singapore', 'SG'),
  'ap-southeast-2': abroad('Sydney', 'AU'),
  'ap-northeast-1': abroad('Tokyo', 'JP'),
  'ap-northeast-2': abroad('Seoul', 'KR'),
} as const satisfies Record<string, RegionFacts>;

/** Name of an AWS region that Ringfence knows. */
export type RegionName = keyof typeof REGIONS;
export const REGION_NAMES = Object.keys(REGIONS) as [RegionName, ...RegionName[]];

export const isRegionName = (name: string | undefined): name is RegionName =>
  REGION_NAMES.some((known) => known === name);

/**
 * The allowed place of a tenant's rows, backups and keys: `eu` (any member state), one country by its ISO 3166-1 code in
 * lower case, or `any`.
 */
export const RESIDENCIES = ['eu', 'es', 'de', 'fr', 'ie', 'it', 'se', 'gb', 'ch', 'us', 'any'] as const;
export type Residency = (typeof RESIDENCIES)[number];

function satisfiesResidency(region: RegionName, residency: Residency): boolean {
  const facts = REGIONS[region];
  if (residency === 'any') return true;
  return residency === 'eu' ? facts.eu : facts.country.toLowerCase() === residency;
}

/** The regions that a residency allows; never empty, the default first. */
export const regionsOf = (residency: Residency): RegionName[] =>
  REGION_NAMES.filter((region) => satisfiesResidency(region, residency));

/** Whether a residency allows the EU only. */
export const isWithinEu = (residency: Residency): boolean =>
  regionsOf(residency).every((region) => REGIONS[region].eu);

/** Frankfurt for `eu` and `any`, otherwise the first region of the country. */
export const defaultRegion = (residency: Residency): RegionName => regionsOf(residency)[0] ?? REGION_NAMES[0];

/** Says why a region breaks a residency, and names the country; undefined when it does not. */
export function residencyProblem(region: RegionName, residency: Residency): string | undefined {
  if (satisfiesResidency(region, residency)) return undefined;
  const facts = REGIONS[region];
  const asked = residency === 'eu' ? 'in the EU' : countryName(residency.toUpperCase());
  return `${region} is ${facts.place}: ${countryName(facts.country)} is not ${asked}; allowed: ${regionsOf(residency).join(', ')}`;
}

const COUNTRIES = new Intl.DisplayNames(['en'], { type: 'region' });
const WITH_ARTICLE = new Set(['GB', 'US', 'AE']);

function countryName(code: string): string {
  const name = COUNTRIES.of(code) ?? code;
  return WITH_ARTICLE.has(code) ? `the ${name}` : name;
}
