import type { FailoverPlan } from '../../../data-plane/replica/fail-over.js';
import { defineCommand, NOT_ON_WORKER } from '../../command/define-command.js';
import { size } from '../../print/table.js';
import { withRuntime } from '../../runtime/with-runtime.js';
import { confirm, confirmByName, confirmOption } from '../../terminal/consent.js';

export const cellsFailover = defineCommand({
  name: 'failover',
  description: 'let the replica of a cell take over; its primary is fenced first, and never starts again',
  arguments: ['<name>'],
  options: {
    confirm: { value: '<name>', description: 'where rows may be lost: its name again, instead of typing it' },
  },
  examples: ['ringfence cells failover shared-eu-central-1'],
  notOnWorker: NOT_ON_WORKER.ofServer,
  view: async () => (await import('../../../control-plane/failover/views.js')).failedOverView,
  run: async (context, options, name) => {
    const { failOverCell, planCellFailover } = await import(
      '../../../control-plane/failover/fail-over-cell.js'
    );
    await withRuntime(context, async (runtime) => {
      const plan = await planCellFailover(runtime, name, context.say);
      const { mayLose } = plan;
      for (const line of describe(name, plan)) context.say(line);
      if (mayLose) {
        const what = `What cell ${name} committed since may be lost for ever.`;
        await confirmByName(context, name, what, confirmOption(name, options.confirm));
      } else await confirm(context, `Let the replica of ${name} take over?`);
      const done = await failOverCell(runtime, name, { mayLose });
      context.result(done, () => {
        const { port, pauseMs, keptData, problem } = done;
        return [
          `${name}: its replica took over in ${pauseMs} ms, on port ${port}`,
          ...(keptData ? [`kept, remove it when you miss nothing: ${keptData}`] : []),
          ...(problem ? [`it has no replica: ${problem}`] : []),
        ]
          .map((line) => `${line}\n`)
          .join('');
      });
    });
  },
});

const describe = (name: string, { primary, lagBytes, hasUntil, mayLose }: FailoverPlan): string[] => {
  const behind = lagBytes === null ? 'by how much is not known' : `by ${size(lagBytes)} now`;
  const state = {
    running: `The primary of ${name} runs. It is stopped in an orderly way, which ends every session.`,
    down: `The primary of ${name} is down. Where its data is whole, \`ringfence cells up ${name}\` starts it, and nothing is lost.`,
    'given up': `A failover of ${name} was begun, and goes on.`,
  }[primary];
  return [
    state,
    mayLose
      ? `The replica has what was committed until ${hasUntil?.toISOString()}; it is behind, ${behind}.`
      : 'Nothing is lost that was acknowledged.',
  ];
};
