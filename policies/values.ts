/** A value that only a deployment knows. */
export const UNKNOWN = Symbol('unknown');
/** A value that the engine keeps secret. No rule sees it. */
export const SECRET = Symbol('secret');

export type Properties = Readonly<Record<string, unknown>>;

/** The value at a path such as `networkConfiguration.assignPublicIp`; UNKNOWN below what is unknown or secret. */
export const valueAt = (properties: Properties, path: string): unknown => {
  let value: unknown = properties;
  for (const key of path.split('.')) {
    if (isHidden(value)) return UNKNOWN;
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Properties)[key];
  }
  return value === null ? undefined : value;
};

/** Unknown, or secret. */
export const isHidden = (value: unknown): boolean => value === UNKNOWN || value === SECRET;

/** The groups in a list, and whether there may be others that nobody sees yet. A single group counts as a list of one. */
export const groupsOf = (value: unknown): { groups: Properties[]; hidden: boolean } => {
  const values = Array.isArray(value) ? value : value === undefined ? [] : [value];
  const groups = values.filter((one) => typeof one === 'object' && one !== null) as Properties[];
  return { groups, hidden: values.some(isHidden) };
};

/** The texts in a list, and whether there may be others that nobody sees yet. */
export const textsOf = (value: unknown): { texts: string[]; hidden: boolean } => {
  const values = Array.isArray(value) ? value : value === undefined ? [] : [value];
  return { texts: values.filter((one) => typeof one === 'string'), hidden: values.some(isHidden) };
};

/** A document that is JSON in text, as IAM's are; UNKNOWN of what is hidden, undefined of other text. */
export const documentOf = (value: unknown): Properties | typeof UNKNOWN | undefined => {
  if (isHidden(value)) return UNKNOWN;
  if (typeof value === 'object' && value !== null) return value as Properties;
  if (typeof value !== 'string') return undefined;
  try {
    return JSON.parse(value) as Properties;
  } catch {
    return undefined;
  }
};
