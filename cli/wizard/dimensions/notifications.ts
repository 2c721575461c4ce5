import { ADMIN, CHANNELS } from '../../../manifest/dimensions/notifications.js';
import type { ClinicInput } from '../../manifests/partial-tenant.js';
import type { AskDimension, Sheet } from '../dimension.js';
import type { Choice } from '../prompts.js';

type Notifications = NonNullable<ClinicInput['notifications']>;
type Rule = NonNullable<Notifications['rules']>[number];
type Channel = (typeof CHANNELS)[number];

const NO_MORE = 'no-more';
const EVENTS: readonly Choice<Rule['event']>[] = [
  { value: 'appointment-booked', label: 'An appointment is booked' },
  { value: 'appointment-cancelled', label: 'An appointment is cancelled' },
  { value: 'conversation-handed-off', label: 'A conversation needs a person' },
  { value: 'complaint-received', label: 'A complaint comes in' },
  { value: 'quota-near-limit', label: 'A quota is nearly used up' },
  { value: 'backup-failed', label: 'A backup fails' },
  { value: 'isolation-alert', label: 'Isolation is in doubt' },
  { value: 'subscription-changed', label: 'The subscription changes' },
];

/** Asks who is told what, over which channel, and who is next. The administrator always hears of grave events. */
export const askNotifications: AskDimension = async (sheet) => {
  const { prompts, check } = sheet;
  const slackName = '#recepcion';
  const channels = await prompts.chooseSome({
    message: 'Which channels are in use?',
    choices: CHANNELS.map((value) => ({ value })),
    byDefault: sheet.clinic.notifications.channels,
    check: (chosen) => check({ notifications: withChannels(sheet, chosen, slackName) }, 'notifications'),
  });
  const slackChannel = channels.includes('slack')
    ? await prompts.text({
        message: 'Slack channel',
        byDefault: slackName,
        check: (text) =>
          check({ notifications: { channels, slackChannel: text } }, 'notifications', 'slackChannel'),
      })
    : null;
  const base = withChannels(sheet, channels, slackChannel);
  const added = await prompts.each<Rule>((before) => askRule(sheet, base, before));
  return { notifications: { ...base, rules: [...base.rules, ...added] } };
};

/** The rules that every clinic starts with, over the first channel that is in use. */
const withChannels = ({ clinic }: Sheet, channels: readonly Channel[], slackChannel: string | null) => {
  const [first] = channels;
  const rules: Rule[] = clinic.notifications.rules.flatMap((rule) =>
    first === undefined ? [] : [{ ...rule, channels: [first] }],
  );
  return { channels: [...channels], slackChannel: channels.includes('slack') ? slackChannel : null, rules };
};

const askRule = async (
  { prompts, clinic, check }: Sheet,
  base: ReturnType<typeof withChannels>,
  before: readonly Rule[],
): Promise<Rule | undefined> => {
  if (base.channels.length === 0) return undefined;
  const place = base.rules.length + before.length;
  const problem = (rule: Rule, ...at: readonly PropertyKey[]): string | undefined =>
    check(
      { notifications: { ...base, rules: [...base.rules, ...before, rule] } },
      'notifications',
      'rules',
      place,
      ...at,
    );
  const event = await prompts.choose<Rule['event'] | typeof NO_MORE>({
    message: 'Somebody is told when ...',
    choices: [{ value: NO_MORE, label: 'That is all' }, ...EVENTS],
    byDefault: NO_MORE,
  });
  if (event === NO_MORE) return undefined;
  const people = [
    { value: ADMIN, label: 'The administrator' },
    ...clinic.staffRouting.staff.map(({ id, name }) => ({ value: id, label: name })),
  ];
  const channelsOf = (person: string): Channel[] =>
    base.channels.filter((channel) => problem({ person, event, channels: [channel] }) === undefined);
  const person = await prompts.choose({
    message: 'Who is told?',
    choices: people,
    byDefault: ADMIN,
    check: (id) =>
      channelsOf(id).length > 0 ? undefined : problem({ person: id, event, channels: base.channels }),
  });
  const channels = await prompts.chooseSome({
    message: 'Over which channels?',
    choices: base.channels.map((value) => ({ value })),
    byDefault: channelsOf(person).slice(0, 1),
    check: (chosen) => problem({ person, event, channels: [...chosen] }, 'channels'),
  });
  const rule: Rule = { person, event, channels };
  const others = people.filter(({ value }) => value !== person);
  if (others.length === 0) return rule;
  const to = await prompts.choose({
    message: 'Who is next when nobody reacts?',
    choices: [{ value: '', label: 'Nobody' }, ...others],
    byDefault: '',
  });
  if (to === '') return rule;
  const minutes = await prompts.text({
    message: 'After how many minutes?',
    byDefault: '15',
    check: (text) =>
      problem({ ...rule, escalation: { to, afterMinutes: Number(text) } }, 'escalation', 'afterMinutes'),
  });
  return { ...rule, escalation: { to, afterMinutes: Number(minutes) } };
};
