import { ADMIN, type CHANNELS } from '../dimensions/notifications.js';
import type { Checked } from './rule.js';
import { type Branch, list, notHere } from './team.js';

/** Whoever is told works here or is the admin, over a channel that is in use and reaches that person. */
export function checkNotifications({ clinic, path, team }: Branch, checked: Checked): void {
  const { tenant, sound, report } = checked;
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
    const known = (id: string): boolean => id === ADMIN || team.has(id);
    if (!known(rule.person)) report([...own, 'person'], `${notHere(rule.person)}; allowed: ${allowed}`);
    const addressee =
      rule.person === ADMIN ? (sound('admin') ? tenant.admin : undefined) : team.get(rule.person);
    for (const [index, channel] of rule.channels.entries()) {
      if (!channels.includes(channel)) {
        report([...own, 'channels', index], `${channel} is not in use here; allowed: ${list(channels)}`);
      } else if (addressee !== undefined && !reaches(addressee, channel)) {
        report([...own, 'channels', index], `${channel} does not reach this person; give an address for it`);
      }
    }
    const next = rule.escalation?.to;
    if (next === rule.person) {
      report([...own, 'escalation', 'to'], 'is the same person; allowed: somebody else');
    } else if (next !== undefined && !known(next)) {
      report([...own, 'escalation', 'to'], `${notHere(next)}; allowed: ${allowed}`);
    }
  }
}

const reaches = (
  person: { email: string | null; phone: string | null },
  channel: (typeof CHANNELS)[number],
): boolean => channel === 'slack' || (channel === 'email' ? person.email : person.phone) !== null;
