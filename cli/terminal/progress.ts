import type { ResourceChange } from '../../control-plane/engine/run/change.js';
import type { Context } from './context.js';

/** Shows the progress of a deployment on standard error, one line a resource. */
export interface Progress {
  step(name: string): void;
  change(change: ResourceChange): void;
  done(): void;
}

const MARKS: Readonly<Record<ResourceChange['action'], string>> = {
  create: '+',
  update: '~',
  delete: '-',
  replace: '±',
  same: ' ',
  refresh: ' ',
  read: ' ',
};

export const progress = (context: Context, subject: string): Progress => {
  const startedMs = performance.now();
  const { colors } = context;
  return {
    step: (name) => context.say(`${colors.cyan('›')} ${name}`),
    change: (change) => {
      if (MARKS[change.action] !== ' ') context.say(`  ${describeChange(change)}`);
    },
    done: () =>
      context.say(
        `${colors.green('✓')} ${subject} ${colors.dim(`${((performance.now() - startedMs) / 1000).toFixed(1)} s`)}`,
      ),
  };
};

/** `+ TenantKey key`; an update also names the changed inputs. */
export const describeChange = ({ action, type, name, changed }: ResourceChange): string =>
  `${MARKS[action]} ${type} ${name}${action === 'update' && changed.length > 0 ? ` (${changed.join(', ')})` : ''}`;
