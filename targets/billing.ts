/** Hours of a month, as AWS's own calculator counts them. */
export const MONTH_HOURS = 730;

/** Something that a provider bills each month. */
export interface BilledPart {
  /** `instance db.t4g.medium in two zones` */
  readonly what: string;
  readonly region: string;
  readonly unit:
    | 'storageGbMonth'
    | 'backupGbMonth'
    | 'keyMonth'
    | 'objectGbMonth'
    | 'taskCpuHour'
    | 'taskGbHour'
    | 'endpointHour'
    | { readonly instanceClass: string };
  /** Units a month: hours of an instance, of a CPU, of a GB or of an endpoint in one zone; GB (of 2^30 bytes), keys. */
  readonly quantity: number;
}
