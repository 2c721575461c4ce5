import type { CaseResult } from '../suite/case.js';

/** Cases that differ only in their target. */
export interface CaseGroup {
  readonly name: string;
  readonly cases: readonly CaseResult[];
}

/** Smaller groups go together under `Single attempts`. */
const GROUP_MIN = 3;
const SINGLE = 'Single attempts';

/** Groups cases by the second part of their ids, which names the kind of attempt. Single cases come last. */
export const caseGroups = (cases: readonly CaseResult[]): CaseGroup[] => {
  const kinds = new Map<string, CaseResult[]>();
  for (const each of cases) {
    const [, kind = '', more] = each.id.split('/');
    const name = more === undefined ? SINGLE : titled(kind);
    kinds.set(name, [...(kinds.get(name) ?? []), each]);
  }
  const groups: CaseGroup[] = [];
  const single: CaseResult[] = [...(kinds.get(SINGLE) ?? [])];
  for (const [name, group] of kinds) {
    if (name === SINGLE) continue;
    if (group.length < GROUP_MIN) single.push(...group);
    else groups.push({ name, cases: group });
  }
  return single.length > 0 ? [...groups, { name: SINGLE, cases: single }] : groups;
};

/** Titles of the kinds whose own word says too little. */
const TITLES: Readonly<Record<string, string>> = {
  archive: 'Archives that were damaged or exchanged',
  carried: 'What a session carries to the next tenant',
  catalogue: "Rules that the database's catalogue must keep",
  context: 'Writing the context',
  envelope: 'Damaged envelopes',
  enrol: 'Enrolments that are killed or run at once',
  error: 'Errors that leave the data plane',
  figures: 'Figures across clinics',
  'foreign-key': 'Foreign keys to rows of others',
  forged: 'Archives made by hand, with forged content',
  interleaved: 'Many transactions of several tenants at once',
  left: 'What a transaction leaves on its connection',
  login: "What the application's login is",
  name: 'Archives made by hand, with hostile names',
  neighbour: 'Sessions of neighbours',
  next: 'What the next tenant on a connection sees',
  'new-table': 'Tables that are added later',
  'open-view': 'Views of Postgres that everybody may read',
  person: 'People without an assignment',
  people: 'People and roles',
  plan: 'Plans that outlive their tenant',
  'platform-table': 'Tables of the platform',
  remains: 'What an erased tenant leaves in the database',
  right: 'Secrets and rights of others',
  role: 'Becoming another role',
  spoofed: 'Settings that everybody may write',
  swap: 'Sealed fields opened at another place',
  'tenant-key': 'Keys that are destroyed or printed',
  'tenant-login': "A tenant's own database login",
  token: 'Forged, stolen and expired context tokens',
  view: 'Views of Postgres about other sessions',
  wrapped: 'Wrapped keys that were stolen or damaged',
};

const titled = (kind: string): string => {
  const known = TITLES[kind];
  if (known !== undefined) return known;
  const words = kind.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
};
