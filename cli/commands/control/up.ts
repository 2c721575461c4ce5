import { resolve } from 'node:path';
import type { WantedControl } from '../../../control-plane/control-up/infrastructure.js';
import { RingfenceError } from '../../../core/errors.js';
import { REGION_NAMES } from '../../../core/regions.js';
import { SIZES } from '../../../core/sizes.js';
import { defineCommand } from '../../command/define-command.js';
import { parseArnsOrNone, parseDays, parseNetwork } from '../../command/option-values.js';
import { runtimeOptions } from '../../runtime/with-runtime.js';
import { progress } from '../../terminal/progress.js';

export const controlUpCommand = defineCommand({
  name: 'up',
  description:
    'bring it up on Amazon RDS, and carry the one of this machine there, once; again, to change or mend what was made',
  options: {
    aws: { description: 'make an instance of RDS for it, with its network, key, logs and alarms' },
    rds: { value: '<instance>', description: 'or take an instance that is there already' },
    region: { value: '<region>', description: 'AWS region', choices: REGION_NAMES },
    size: { value: '<size>', description: 'with --aws: size class', choices: SIZES },
    multiAz: { description: 'with --aws: a second server in another zone' },
    singleAz: { description: 'with --aws: one server again' },
    network: {
      value: '<ids>',
      description: 'with --aws: a network that is there already: vpc-…,subnet-…,subnet-…',
      parse: parseNetwork,
    },
    copiesIn: {
      value: '<region>',
      description: 'with --aws: another region that gets copies of its backups',
      choices: REGION_NAMES,
    },
    alarmTopics: {
      value: '<arns>',
      description: 'with --aws: topics of SNS in its region that its alarms tell, or none',
      parse: parseArnsOrNone,
    },
    historyDays: {
      value: '<days>',
      description: 'with --aws: how far back RDS restores it; 7 at first',
      parse: parseDays(1, 28),
    },
    caFile: {
      value: '<file>',
      description: 'authorities of its certificate (PEM), instead of Amazon’s own',
    },
  },
  examples: ['ringfence control up --aws --region eu-central-1'],
  view: async () => (await import('../../../control-plane/control-up/views.js')).controlUpView,
  run: async (context, options) => {
    const { aws = false, rds, region, caFile, historyDays } = options;
    if (aws === (rds !== undefined) || region === undefined)
      throw new RingfenceError('usage', 'the control database needs a region, and --aws or --rds', {
        fix: 'ringfence control up --aws --region <region>',
      });
    const wanted = wantedOf(options);
    if (rds !== undefined && (historyDays !== undefined || Object.keys(wanted).length > 0))
      throw new RingfenceError('usage', '--rds names an instance as it is; the other options go with --aws');
    const { bringControlUp } = await import('../../../control-plane/control-up/bring-control-up.js');
    const report = progress(context, 'control database');
    const up = await bringControlUp(runtimeOptions(context), {
      ...{ region, wanted, rdsInstance: rds, historyDays, onChange: report.change },
      caFile: caFile === undefined ? undefined : resolve(context.terminal.cwd, caFile),
    });
    report.done();
    for (const path of up.kept) context.say(`kept, remove it when you miss nothing: ${path}`);
    for (const login of up.allowAgain)
      context.say(`login ${login} did not come along: ringfence submissions allow ${login}`);
    context.result(up, () =>
      [
        `the control database is on ${up.rdsInstance} in ${up.region}; RDS restores any second of ${up.historyDays} days`,
        ...(up.carriedRows === null ? [] : [`${up.carriedRows} rows came from this machine`]),
        `for another machine: RINGFENCE_CONTROL=${up.url}\n`,
      ].join('\n'),
    );
  },
});

const wantedOf = (options: {
  readonly size?: WantedControl['size'] | undefined;
  readonly multiAz?: boolean | undefined;
  readonly singleAz?: boolean | undefined;
  readonly network?: WantedControl['network'] | undefined;
  readonly copiesIn?: WantedControl['copiesIn'] | undefined;
  readonly alarmTopics?: readonly string[] | undefined;
}): WantedControl => {
  const { size, multiAz, singleAz, network, copiesIn, alarmTopics } = options;
  if (multiAz && singleAz)
    throw new RingfenceError('usage', '--multi-az and --single-az are one or the other');
  return {
    ...(size === undefined ? {} : { size }),
    ...(multiAz || singleAz ? { multiAz: multiAz === true } : {}),
    ...(network === undefined ? {} : { network }),
    ...(copiesIn === undefined ? {} : { copiesIn }),
    ...(alarmTopics === undefined ? {} : { alarmTopics }),
  };
};
