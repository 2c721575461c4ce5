import type { CaseResult } from '../suite/case.js';

/** Cases that differ only in what they are tried on. */
export interface CaseGroup {
  readonly name: string;
  readonly cases: readonly CaseResult[];
}

/** Fewer go together under `Single attempts`. */
const GROUP_MIN = 3;
const SINGLE = 'Single attempts';

/** Groups cases by the second part of their ids, which names the kind of attempt; what stands alone comes last. */
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

const titled = (kind: string): string => {
  const words = kind.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
};
