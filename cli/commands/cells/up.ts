import { resolve } from 'node:path';
import type { Cell } from '../../../control-plane/cells/store.js';
import type { Runtime } from '../../../control-plane/runtime.js';
import { defineCommand } from '../../command/define-command.js';
import { parseDays, parsePort } from '../../command/option-values.js';
import { withRuntime } from '../../runtime/with-runtime.js';
import { progress } from '../../terminal/progress.js';

export const cellsUp = defineCommand({
  name: 'up',
  description: 'bring a cell up, or find it again after a crash or a reboot; all known cells without a name',
  arguments: ['[name]'],
  options: {
    tier: { value: '<tier>', description: 'shared or dedicated', choices: ['shared', 'dedicated'] },
    region: { value: '<region>', description: 'AWS region, for a new cell' },
    port: { value: '<port>', description: 'loopback port, for a new cell', parse: parsePort },
    rds: {
      value: '<instance>',
      description: 'for a new cell: an instance of Amazon RDS that is there already',
    },
    caFile: {
      value: '<file>',
      description: 'with --rds: authorities of its certificate (PEM), instead of Amazon’s own',
    },
    historyDays: {
      value: '<days>',
      description: 'how far back any second can be restored; 7 for a new cell',
      parse: parseDays(1, 35),
    },
  },
  examples: ['ringfence cells up', 'ringfence cells up shared-eu-west-1 --region eu-west-1'],
  run: async (context, { caFile, ...options }, name) => {
    const { bringCellUp } = await import('../../../control-plane/cells/cells-up.js');
    const { checkCellWish, wishedCells } = await import('../../../control-plane/cells/cell-wish.js');
    const wish = {
      ...options,
      ...(name === undefined ? {} : { name }),
      ...(caFile === undefined ? {} : { caFile: resolve(context.terminal.cwd, caFile) }),
    };
    checkCellWish(wish);
    const bringUp = async (runtime: Runtime): Promise<Cell[]> => {
      const up: Cell[] = [];
      for (const request of await wishedCells(runtime, wish)) {
        const report = progress(context, `cell ${request.name}`);
        up.push(await bringCellUp(runtime, request, report.change));
        report.done();
      }
      return up;
    };
    const up = await withRuntime(context, bringUp, { create: true });
    context.result(up, () => up.map(describe).join(''));
  },
});

const describe = ({ name, tier, region, rdsInstance, port }: Cell): string =>
  `${name}  ${tier}  ${region}  ${rdsInstance ?? '127.0.0.1'}:${port}\n`;
