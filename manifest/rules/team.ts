import type { CheckedClinic } from '../clinic.js';

export type Member = CheckedClinic['staffRouting']['staff'][number];
type Path = readonly PropertyKey[];

/** A clinic with its place in the manifest and everybody who works there, by id. */
export interface Branch {
  readonly clinic: CheckedClinic;
  readonly path: Path;
  readonly team: ReadonlyMap<string, Member>;
}

/** Who works in a clinic: those listed there and those who name it among their locations. */
export function teamOf(clinic: CheckedClinic, clinics: readonly CheckedClinic[]): Map<string, Member> {
  const visitors = clinics
    .flatMap((other) => other.staffRouting.staff)
    .filter((member) => member.locations.includes(clinic.slug));
  return new Map([...clinic.staffRouting.staff, ...visitors].map((member) => [member.id, member]));
}

export const notHere = (id: string): string => `"${id}" does not work in this clinic`;

export const list = (names: Iterable<string>): string => [...names].join(', ') || 'none yet';
