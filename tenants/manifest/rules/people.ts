import type { CheckedClinic } from '../clinic.js';
import { ADMIN, type CHANNELS } from '../dimensions/notifications.js';
import { type Checked, reachableClinics } from './rule.js';

type Member = CheckedClinic['staffRouting']['staff'][number];
type Path = readonly PropertyKey[];
type Problem = (path: Path, message: string) => void;

/**
 * Staff, fall-backs and notifications name people, services and clinics that exist.
 * References are checked only when every list of staff is sound: otherwise each mistake would be told twice.
 */
export function checkPeople(checked: Checked): void {
  const clinics = reachableClinics(checked);
  const known = clinics.every(({ path }) => checked.sound(...path, 'staffRouting', 'staff'));
  if (!known || !checked.reachable('clinics') || clinics.length !== checked.tenant.clinics.length) return;

  const slugs = new Set(clinics.map(({ clinic }) => clinic.slug));
  const everyone = new Map<string, Path>();
  for (const { clinic, path } of clinics) {
    for (const [place, member] of clinic.staffRouting.staff.entries()) {
      const at = [...path, 'staffRouting', 'staff', place];
      if (member.id === ADMIN)
        checked.report([...at, 'id'], 'admin is taken by the administrator of the tenant');
      if (everyone.has(member.id)) {
        checked.report([...at, 'id'], `"${member.id}" is taken; one entry a person, with locations`);
      }
      everyone.set(member.id, at);
      for (const [index, location] of member.locations.entries()) {
        if (!slugs.has(location)) {
          checked.report(
            [...at, 'locations', index],
            `"${location}" is not a clinic of this tenant; allowed: ${list(slugs)}`,
          );
        }
      }
      if (member.visiting && member.login === true) {
        checked.report([...at, 'login'], 'true is not for a visiting doctor; allowed: false');
      }
    }
  }
  for (const { clinic, path } of clinics) {
    const team = teamOf(
      clinic,
      clinics.map((entry) => entry.clinic),
    );
    if (checked.sound(...path, 'staffRouting')) checkRouting(clinic, path, team, checked);
    if (checked.sound(...path, 'notifications'))
      checkNotifications(clinic, path, team, checked.report, checked);
  }
}

/** Who works in a clinic: those listed there and those who name it among their locations. */
function teamOf(clinic: CheckedClinic, clinics: readonly CheckedClinic[]): Map<string, Member> {
  const visitors = clinics
    .flatMap((other) => other.staffRouting.staff)
    .filter((member) => member.locations.includes(clinic.slug));
  return new Map([...clinic.staffRouting.staff, ...visitors].map((member) => [member.id, member]));
}

function checkRouting(
  clinic: CheckedClinic,
  path: Path,
  team: Map<string, Member>,
  { sound, report }: Checked,
): void {
  const { staff, fallback } = clinic.staffRouting;
  const at = [...path, 'staffRouting'];
  if (fallback !== null && !team.has(fallback)) {
    report([...at, 'fallback'], `${unknown(fallback)}; allowed: ${list(team.keys())}`);
  }
  const services = new Set(sound(...path, 'services') ? clinic.services.map((service) => service.id) : []);
  for (const [place, member] of staff.entries()) {
    const own = [...at, 'staff', place];
    if (member.fallback === member.id) {
      report([...own, 'fallback'], 'is the same person; allowed: somebody else');
    } else if (member.fallback !== null && !team.has(member.fallback)) {
      report([...own, 'fallback'], `${unknown(member.fallback)}; allowed: ${list(team.keys())}`);
    } else if (loops(member, team)) {
      report([...own, 'fallback'], 'leads back to the same person; allowed: a chain that ends');
    }
    if (!sound(...path, 'services')) continue;
    for (const [index, service] of member.services.entries()) {
      if (services.has(service)) continue;
      report(
        [...own, 'services', index],
        `"${service}" is not a service of this clinic; allowed: ${list(services)}`,
      );
    }
  }
}

function loops(member: Member, team: Map<string, Member>): boolean {
  let next = member.fallback;
  for (let steps = 0; next !== null && steps <= team.size; steps++) {
    if (next === member.id) return true;
    next = team.get(next)?.fallback ?? null;
  }
  return false;
}

function checkNotifications(
  clinic: CheckedClinic,
  path: Path,
  team: Map<string, Member>,
  report: Problem,
  { tenant, sound }: Checked,
): void {
  const { channels, slackChannel, rules } = clinic.notifications;
  const at = [...path, 'notifications'];
  if (channels.includes('slack') && slackChannel === null) {
    report(
      [...at, 'channels'],
      'has slack without slackChannel; allowed: give slackChannel, or leave it out',
    );
  }
  const allowed = list([ADMIN, ...team.keys()]);
  for (const [place, rule] of rules.entries()) {
    const own = [...at, 'rules', place];
    const person = rule.person === ADMIN ? tenant.admin : team.get(rule.person);
    if (person === undefined) report([...own, 'person'], `${unknown(rule.person)}; allowed: ${allowed}`);
    for (const [index, channel] of rule.channels.entries()) {
      if (!channels.includes(channel)) {
        report([...own, 'channels', index], `${channel} is not in use here; allowed: ${list(channels)}`);
      } else if (
        person !== undefined &&
        (rule.person !== ADMIN || sound('admin')) &&
        !reachedBy(person, channel)
      ) {
        report([...own, 'channels', index], `${channel} does not reach this person; give an address for it`);
      }
    }
    const next = rule.escalation?.to;
    if (next === undefined) continue;
    if (next === rule.person)
      report([...own, 'escalation', 'to'], 'is the same person; allowed: somebody else');
    else if (next !== ADMIN && !team.has(next)) {
      report([...own, 'escalation', 'to'], `${unknown(next)}; allowed: ${allowed}`);
    }
  }
}

const reachedBy = (
  person: { email: string | null; phone: string | null },
  channel: (typeof CHANNELS)[number],
): boolean => channel === 'slack' || (channel === 'email' ? person.email : person.phone) !== null;

const unknown = (id: string): string => `"${id}" does not work in this clinic`;
const list = (names: Iterable<string>): string => [...names].join(', ') || 'none yet';
