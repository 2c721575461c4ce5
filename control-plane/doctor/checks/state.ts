import { openState } from '../../project/state/open-state.js';
import type { Check } from '../types.js';

/** Where the engine's state is, and for a bucket whether AWS says so, and keeps what is overwritten. */
export const checkState: Check = async ({ project, env }) => {
  const state = openState(project, env);
  const advice = await state.check();
  const name = 'state';
  const data = { place: state.name };
  if (advice === undefined)
    return { name, status: 'ok', detail: `the engine's state is in ${state.name}`, data };
  return { name, status: 'warn', ...advice, data };
};
