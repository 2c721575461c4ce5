import { ADMIN } from '../dimensions/notifications.js';
import { checkNotifications } from './notifications.js';
import { checkRouting } from './routing.js';
import { type Checked, reachableClinics } from './rule.js';
import { type Branch, list, teamOf } from './team.js';

/**
 * Staff, fall-backs and notifications name people, services and clinics that exist.
 * References are checked only when every list of staff is sound: otherwise each mistake would be told twice.
 */
export function checkPeople(checked: Checked): void {
  const reachable = reachableClinics(checked);
  const complete =
    checked.reachable('clinics') &&
    reachable.length === checked.tenant.clinics.length &&
    reachable.every(
      ({ path }) => checked.sound(...path, 'slug') && checked.sound(...path, 'staffRouting', 'staff'),
    );
  if (!complete) return;

  const clinics = reachable.map(({ clinic }) => clinic);
  const branches = reachable.map((entry) => ({ ...entry, team: teamOf(entry.clinic, clinics) }));
  checkStaff(branches, checked);
  for (const branch of branches) {
    if (checked.sound(...branch.path, 'staffRouting')) checkRouting(branch, branches, checked);
    if (checked.sound(...branch.path, 'notifications')) checkNotifications(branch, checked);
  }
}

/** A person has one entry in the tenant, works in clinics that exist, and a visiting doctor does not sign in. */
function checkStaff(branches: readonly Branch[], { report }: Checked): void {
  const slugs = new Set<string>(branches.map(({ clinic }) => clinic.slug));
  const taken = new Set([ADMIN]);
  for (const { clinic, path } of branches) {
    for (const [place, member] of clinic.staffRouting.staff.entries()) {
      const at = [...path, 'staffRouting', 'staff', place];
      if (taken.has(member.id)) {
        report([...at, 'id'], `"${member.id}" is taken; allowed: one entry a person, with its locations`);
      }
      taken.add(member.id);
      for (const [index, location] of member.locations.entries()) {
        if (slugs.has(location)) continue;
        report(
          [...at, 'locations', index],
          `"${location}" is not a clinic of this tenant; allowed: ${list(slugs)}`,
        );
      }
      if (member.visiting && member.login === true) {
        report([...at, 'login'], 'true is not for a visiting doctor; allowed: false');
      }
    }
  }
}
