/** A published hole of Postgres that bears on tenant isolation. */
export interface Advisory {
  readonly id: string;
  /** The first fixed minor release, by major version. */
  readonly fixedIn: Readonly<Record<number, number>>;
  readonly meaning: string;
  /** The reason why tenants stay apart all the same. */
  readonly held: string;
}

const ADVISORIES: readonly Advisory[] = [
  {
    id: 'CVE-2026-120154',
    fixedIn: { 15: 20, 16: 16, 17: 12, 18: 7 },
    meaning:
      "the server evaluates `ON CONFLICT ... WHERE` before the row-level security check, and its error text shows another tenant's value",
    held: 'Ringfence holds on it: every unique key of a tenant table leads with clinic_id, so a conflict is only ever with a row of the same clinic',
  },
];

/**
 * The advisories that a server is open to. A major version older than every fix is open; a newer one is not.
 * @param version what `postgres --version` prints, reduced to `<major>.<minor>`
 */
export const openAdvisories = (version: { major: number; minor: number }): Advisory[] =>
  ADVISORIES.filter(({ fixedIn }) => {
    const fixedMinor = fixedIn[version.major];
    if (fixedMinor !== undefined) return version.minor < fixedMinor;
    return version.major < Math.max(...Object.keys(fixedIn).map(Number));
  });

/** The release to move to within the same major version. */
export const fixedRelease = (advisory: Advisory, major: number): string => {
  const minor = advisory.fixedIn[major];
  return minor === undefined ? 'a supported major version' : `Postgres ${major}.${minor} or newer`;
};
