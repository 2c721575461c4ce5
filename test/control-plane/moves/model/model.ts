import { isAbortable, isMoveOver, isRollbackable } from '../../../../control-plane/moves/states.js';
import { APPLICATION_ACTIONS, actApplication } from './applications.js';
import { actMover, copyAnew, giveUpFence, nextStatement } from './mover.js';
import { PROTOCOL, type Rules } from './rules.js';
import {
  type Application,
  type CellNumber,
  type Control,
  homeOf,
  initialState,
  type Mover,
  moverOf,
  other,
  type State,
  withStream,
} from './state.js';
import { deliver } from './streams.js';

export interface Bounds {
  readonly applications: number;
  readonly writesEach: number;
  /** Takeovers, rollbacks and further moves begin up to this attempt; an abort may always. */
  readonly attempts: number;
  /** Processes that go on although others took over from them. */
  readonly zombies: number;
  /** A slot may be lost, as one is that keeps more WAL than the server allows. */
  readonly losesSlots: boolean;
}

export interface Model extends Bounds {
  readonly rules: Rules;
}

/** Who acts. What applications do, and accidents, are never needed for a move to end. */
export type Actor = 'application' | 'mover' | 'operator' | 'stream' | 'accident';

export interface Step {
  readonly actor: Actor;
  /** As a person reads it in a counterexample. */
  readonly text: () => string;
  readonly next: State;
}

export const modelOf = (bounds: Bounds, change: Partial<Rules> = {}): Model => ({
  ...bounds,
  rules: { ...PROTOCOL, ...change },
});

export const firstState = ({ applications }: Bounds): State => initialState(applications);

/** Another run begins with the next attempt. The oldest process goes when there are too many. */
const withRun = (state: State, change: Partial<Control>, { zombies }: Bounds): State => {
  const control = { ...state.control, ...change, attempt: state.control.attempt + 1 };
  return { ...state, control, movers: [...state.movers, moverOf(control)].slice(-1 - zombies) };
};

/** Whether the process that the control database knows is alive. */
const isAtWork = ({ control, movers }: State): boolean => movers.at(-1)?.attempt === control.attempt;

/** What people do to the move. */
const operatorSteps = (state: State, model: Model): Step[] => {
  const { control } = state;
  const { phase, source } = control;
  const steps: Step[] = [];
  const add = (text: string, next: State) => steps.push({ actor: 'operator', text: () => text, next });

  const isTooLate = !isAbortable(phase) && model.rules.abortsAfterFlip && ['flipped', 'open'].includes(phase);
  if (isAbortable(phase) || isTooLate) add('abort', withRun(state, { phase: 'aborting' }, model));
  if (control.attempt >= model.attempts) return steps;
  if (!isMoveOver(phase)) add('takeover', withRun(state, {}, model));
  if (isRollbackable(phase))
    add('rollback', withRun(state, { phase: 'following', source: other(source), isRollback: true }, model));
  if (isMoveOver(phase))
    add(
      'new move',
      withRun(state, { phase: 'preparing', source: homeOf(control), isRollback: false }, model),
    );
  return steps;
};

const nameOf = ({ attempt }: Mover): string => `mover ${attempt}`;

const moverSteps = (state: State, { rules }: Model): Step[] =>
  state.movers.flatMap((mover, index) => {
    const steps: Step[] = [];
    const acted = actMover(state, index, rules);
    if (acted) {
      const isRefused = acted.movers.length < state.movers.length && !isMoveOver(acted.control.phase);
      const text = () => `${nameOf(mover)} ${nextStatement(mover, rules)}${isRefused ? ' (refused)' : ''}`;
      // The window ends when its time has come, or somebody says so.
      steps.push({ actor: mover.phase === 'window' ? 'operator' : 'mover', text, next: acted });
    }
    const givenUp = giveUpFence(state, index, rules);
    if (givenUp)
      steps.push({ actor: 'mover', text: () => `${nameOf(mover)} gives the fence up`, next: givenUp });
    const copied = copyAnew(state, index, rules);
    if (copied)
      steps.push({
        actor: 'mover',
        text: () => `${nameOf(mover)} finds its slot lost and copies anew`,
        next: copied,
      });
    return steps;
  });

const CELL_NUMBERS: readonly CellNumber[] = [0, 1];

const streamSteps = (state: State, { rules }: Model): Step[] =>
  CELL_NUMBERS.flatMap((from) => {
    const next = deliver(state, from, rules);
    return next
      ? [{ actor: 'stream', text: () => `a change of cell ${from} arrives at cell ${other(from)}`, next }]
      : [];
  });

const accidents = (state: State, { attempts, losesSlots }: Model): Step[] => {
  const steps: Step[] = [];
  if (isAtWork(state) && state.control.attempt < attempts)
    steps.push({
      actor: 'accident',
      text: () => 'kill',
      next: { ...state, movers: state.movers.slice(0, -1) },
    });
  for (const from of losesSlots ? CELL_NUMBERS : [])
    if (state.streams[from].hasSlot)
      steps.push({
        actor: 'accident',
        text: () => `cell ${from} loses its slot`,
        next: withStream(state, from, { hasSlot: false, queue: [] }),
      });
  return steps;
};

const nameAndRoute = ({ cell, epoch }: Application, index: number): string =>
  `application ${index + 1}${cell === undefined ? '' : ` (cell ${cell}, epoch ${epoch})`}`;

const applicationSteps = (state: State, model: Model): Step[] => {
  const steps: Step[] = [];
  for (const [index, application] of state.applications.entries())
    for (const action of APPLICATION_ACTIONS) {
      const next = actApplication(state, index, action, model);
      if (next)
        steps.push({
          actor: 'application',
          text: () => `${nameAndRoute(application, index)} ${action}`,
          next,
        });
    }
  return steps;
};

/** Everything that may happen next, one committed statement each. */
export const stepsFrom = (state: State, model: Model): Step[] => [
  ...moverSteps(state, model),
  ...streamSteps(state, model),
  ...operatorSteps(state, model),
  ...accidents(state, model),
  ...applicationSteps(state, model),
];
