import { resolve } from 'node:path';
import type { NewPlace } from '../../../control-plane/cells/cells-up.js';
import type { WantedInfrastructure } from '../../../control-plane/cells/infrastructure.js';
import type { Cell } from '../../../control-plane/cells/store.js';
import type { CostChange } from '../../../control-plane/costs/cost-change.js';
import type { Runtime } from '../../../control-plane/runtime.js';
import { RingfenceError } from '../../../core/errors.js';
import { REGION_NAMES } from '../../../core/regions.js';
import { SIZES } from '../../../core/sizes.js';
import { defineCommand, NOT_ON_WORKER } from '../../command/define-command.js';
import {
  parseArnsOrNone,
  parseDays,
  parseNameOrNone,
  parseNetwork,
  parsePort,
  parseReplicas,
  parseSecrets,
} from '../../command/option-values.js';
import { describeCostChange } from '../../print/cost-change.js';
import { isChange } from '../../print/preview.js';
import { describeResize } from '../../print/resize.js';
import { withRuntime } from '../../runtime/with-runtime.js';
import { confirm, confirmByName, confirmOption } from '../../terminal/consent.js';
import type { Context } from '../../terminal/context.js';
import { describeChange, progress } from '../../terminal/progress.js';

export const cellsUp = defineCommand({
  name: 'up',
  description: 'bring a cell up, or find it again after a crash or a reboot; all known cells without a name',
  arguments: ['[name]'],
  options: {
    tier: { value: '<tier>', description: 'shared or dedicated', choices: ['shared', 'dedicated'] },
    region: { value: '<region>', description: 'AWS region, for a new cell' },
    size: {
      value: '<size>',
      description: 'size class, for a new cell, and for one that Ringfence made in AWS',
      choices: SIZES,
    },
    replicas: {
      value: '<count>',
      description: 'standbys on this machine that `cells failover` can go over to',
      parse: parseReplicas,
    },
    port: { value: '<port>', description: 'loopback port, for a new cell', parse: parsePort },
    rds: {
      value: '<instance>',
      description: 'for a new cell: an instance of Amazon RDS that is there already',
    },
    kms: {
      description: 'with --rds: the root of the tenants’ keys is in AWS KMS, instead of on this machine',
    },
    operators: {
      value: '<arns>',
      description:
        'of a cell that Ringfence makes in AWS: roles and users that may take its data plane’s role, or none',
      parse: parseArnsOrNone,
    },
    alarmTopics: {
      value: '<arns>',
      description:
        'of a cell that Ringfence makes in AWS: topics of SNS in its region that its alarms tell, or none',
      parse: parseArnsOrNone,
    },
    workerImage: {
      value: '<uri>',
      description:
        'of a cell that Ringfence makes in AWS: the image of its worker in ECR, by digest (…@sha256:…), or none',
      parse: parseNameOrNone,
    },
    workerSecrets: {
      value: '<secrets>',
      description: 'what its worker gets from Secrets Manager: RINGFENCE_…=arn:…,RINGFENCE_…=arn:…, or none',
      parse: parseSecrets,
    },
    caFile: {
      value: '<file>',
      description: 'with --rds: authorities of its certificate (PEM), instead of Amazon’s own',
    },
    aws: { description: 'for a new cell: make its network, instance of RDS, keys and bucket in AWS' },
    multiAz: {
      description:
        'of a cell that Ringfence makes in AWS: a second server in another zone; a dedicated one always has it',
    },
    singleAz: { description: 'of a shared cell that Ringfence made in AWS: one server again' },
    network: {
      value: '<ids>',
      description: 'with --aws: a network that is there already: vpc-…,subnet-…,subnet-…',
      parse: parseNetwork,
    },
    copiesIn: {
      value: '<region>',
      description: 'of a cell that Ringfence makes in AWS: another region that gets copies of its backups',
      choices: REGION_NAMES,
    },
    historyDays: {
      value: '<days>',
      description: 'how far back any second can be restored; 7 for a new cell',
      parse: parseDays(1, 35),
    },
    allowReplace: {
      value: '<urn>',
      description: 'this data may be replaced or deleted; again for each',
      many: true,
      whenNone: 'no data may',
    },
    acceptOlder: {
      description: 'go on from an earlier copy of its data, and give up what its archived WAL has since',
    },
    confirm: { value: '<name>', description: 'with --accept-older: its name again, instead of typing it' },
  },
  examples: ['ringfence cells up', 'ringfence cells up shared-eu-west-1 --region eu-west-1'],
  notOnWorker: NOT_ON_WORKER.ofServer,
  view: async () => (await import('../../../control-plane/costs/views.js')).cellUpView.array(),
  run: async (
    context,
    {
      rds,
      kms = false,
      operators,
      alarmTopics,
      workerImage,
      workerSecrets,
      aws,
      multiAz,
      singleAz,
      network,
      copiesIn,
      caFile: typedCaFile,
      allowReplace,
      acceptOlder,
      confirm: typed,
      ...given
    },
    name,
  ) => {
    const { compareCell } = await import('../../../control-plane/cell-status/compare-cell.js');
    const { describeCell, showCell } = await import('../../../control-plane/cells/shown-cell.js');
    const { bringJudgedCellUp } = await import('../../../control-plane/policies/judge-cell.js');
    const { readyRestoredCell } = await import('../../../control-plane/cell-restore/ready-restored-cell.js');
    const { backupsUrlOf, cellMadeInAws, placeToMake } = await import(
      '../../../control-plane/cells/infrastructure.js'
    );
    const { changedPlace } = await import('../../../control-plane/cells/change-infrastructure.js');
    const { planCostChange } = await import('../../../control-plane/costs/cost-change.js');
    const { checkCellWish, wishedCells } = await import('../../../control-plane/cells/cell-wish.js');
    const caFile = typedCaFile === undefined ? undefined : resolve(context.terminal.cwd, typedCaFile);
    const { size, ...options } = given;
    const wish = {
      ...options,
      ...(name === undefined ? {} : { name }),
      ...(rds === undefined ? {} : { place: onRds(rds, kms, caFile) }),
    };
    if (caFile !== undefined && rds === undefined && !aws)
      throw new RingfenceError('usage', '--ca-file goes with --rds or --aws');
    if (aws && rds !== undefined)
      throw new RingfenceError('usage', '--aws makes an instance, and --rds names one that is there');
    if (kms && rds === undefined)
      throw new RingfenceError('usage', '--kms goes with --rds; a cell that --aws makes has its keys there');
    if (multiAz && singleAz)
      throw new RingfenceError('usage', '--multi-az and --single-az are one or the other');
    if (aws && (name === undefined || given.region === undefined))
      throw new RingfenceError('usage', 'a cell in AWS needs a name and a region', {
        fix: 'ringfence cells up <name> --aws --region <region>',
      });
    const inAws: WantedInfrastructure = {
      ...(multiAz || singleAz ? { multiAz: multiAz === true } : {}),
      ...(network === undefined ? {} : { network }),
      ...(copiesIn === undefined ? {} : { copiesIn }),
      ...(operators === undefined ? {} : { operators }),
      ...(alarmTopics === undefined ? {} : { alarmTopics }),
      ...(workerImage === undefined && workerSecrets === undefined
        ? {}
        : {
            worker: {
              ...(workerImage === undefined ? {} : { image: workerImage }),
              ...(workerSecrets === undefined ? {} : { secrets: workerSecrets }),
            },
          }),
    };
    const changes = Object.keys(inAws).length > 0;
    if (changes && name === undefined)
      throw new RingfenceError('usage', 'what a cell has in AWS is said of one cell, by its name');
    checkCellWish(wish);
    if (acceptOlder && name === undefined)
      throw new RingfenceError('usage', '--accept-older needs the name of the cell', {
        fix: 'ringfence cells up <name> --accept-older',
      });
    const bringUp = async (runtime: Runtime): Promise<BroughtUp[]> => {
      if (acceptOlder && name !== undefined) await acceptOlderCopy(context, runtime, name, typed);
      const there = name === undefined ? undefined : await cellMadeInAws(runtime, name);
      // The size of what we make in AWS is part of its place.
      const sized = size === undefined ? {} : { size };
      const [ofCell, ofPlace] =
        aws || there ? [wish, { ...inAws, ...sized }] : [{ ...wish, ...sized }, inAws];
      const up: BroughtUp[] = [];
      for (const wished of await wishedCells(runtime, ofCell)) {
        const place =
          aws && !there
            ? await placeToMake(runtime, wished, ofPlace)
            : Object.keys(ofPlace).length > 0 || (there && caFile !== undefined)
              ? await changedPlace(wished.name, there, ofPlace)
              : undefined;
        const ca = caFile === undefined ? {} : { caFile };
        const request = { ...wished, ...(place === undefined ? {} : { place: { ...place, ...ca } }) };
        const costChange = await planCostChange(runtime, request);
        if (costChange.added.length > 0) context.say(`${request.name}: ${describeCostChange(costChange)}`);
        if (there && place) await confirmChange(context, runtime, there, place);
        await confirmRestart(context, runtime, request.name);
        const report = progress(context, `cell ${request.name}`);
        const cell = await bringJudgedCellUp(runtime, request, { allowReplace, onChange: report.change });
        up.push({ cell, costChange });
        report.done();
        const backups = await backupsUrlOf(cell);
        if (inAws.worker?.image && runtime.controlServer === undefined)
          context.say(
            'its worker does not reach the control database on this machine: bring that to RDS first, with `ringfence control up --aws`, and type this again',
          );
        if (backups !== undefined) context.say(`its bucket for backups: RINGFENCE_OBJECTS=${backups}`);
        const admin = await runtime.target.adminConnection(request.name);
        // It came back from an earlier state, as a restored one does.
        if (acceptOlder) await readyRestoredCell(runtime, request.name, admin);
        for (const problem of await compareCell(runtime.control, request.name, admin)) context.say(problem);
      }
      return up;
    };
    const up = await withRuntime(context, bringUp, { create: true });
    context.result(
      up.map(({ cell, costChange }) => ({ ...showCell(cell), costChange })),
      () => up.map(({ cell }) => describeCell(cell)).join(''),
    );
  },
});

interface BroughtUp {
  readonly cell: Cell;
  readonly costChange: CostChange;
}

const onRds = (rdsInstance: string, isInKms: boolean, caFile: string | undefined): NewPlace => ({
  target: 'aws',
  address: { rdsInstance, ...(isInKms ? { rootKeys: 'aws-kms' } : {}) },
  ...(caFile ? { caFile } : {}),
});

const acceptOlderCopy = async (
  context: Context,
  runtime: Runtime,
  cell: string,
  given: string | undefined,
): Promise<void> => {
  const { acceptOlderData } = await import('../../../control-plane/cells/accept-older.js');
  const what = `Cell ${cell} goes on from the earlier copy of its data: what is newer is given up; its archived WAL and base backups are kept aside.`;
  await confirmByName(context, cell, what, confirmOption(cell, given));
  for (const path of await acceptOlderData(runtime, cell)) context.say(`kept: ${path}`);
};

/** Shows what another place changes, and asks where that ends sessions. */
const confirmChange = async (
  context: Context,
  runtime: Runtime,
  cell: Cell,
  place: NewPlace,
): Promise<void> => {
  const { planChange } = await import('../../../control-plane/cells/change-infrastructure.js');
  const planned = await planChange(runtime, cell, place);
  if (planned === null) return;
  for (const change of planned.changes.filter(isChange)) context.say(`  ${describeChange(change)}`);
  for (const line of planned.effects) context.say(`  ${line}`);
  if (planned.pauses) await confirm(context, `Change ${cell.name}? This restarts its server.`);
};

/** Asks only where somebody has changed a setting of a running server that a restart puts back. */
const confirmRestart = async (context: Context, runtime: Runtime, name: string): Promise<void> => {
  const { planRestoredSize } = await import('../../../control-plane/cells/resize.js');
  const resize = await planRestoredSize(runtime, name);
  if (!resize?.restarts) return;
  for (const line of describeResize(resize)) context.say(`  ${line}`);
  await confirm(context, `Put the settings of ${name} back? This restarts its server.`);
};
