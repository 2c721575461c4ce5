import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { MOVE_STATES, MOVE_TABLE, type MoveState } from '../../../control-plane/moves/states.js';
import { MUTANTS } from './model/mutants.js';

const DOCUMENT = readFileSync(new URL('../../../docs/moves.md', import.meta.url), 'utf8');

const rowOf = (state: MoveState): string => {
  const { source, destination, route, exit, crashLeaves, resume, next } = MOVE_TABLE[state];
  const cells = [
    state,
    source.join(', '),
    destination.join(', '),
    route,
    exit,
    crashLeaves,
    resume,
    next.join(', '),
  ];
  return `| ${cells.map((cell) => cell || '-').join(' | ')} |`;
};

it('shows the table of states as it is', () => {
  const [, section = ''] = DOCUMENT.split('## States');
  const rows = section.split('\n').filter((line) => line.startsWith('| '));
  expect(rows.slice(1)).toEqual(expect.arrayContaining(MOVE_STATES.map(rowOf)));
});

it('says how many mutants there are', () => {
  expect(DOCUMENT).toContain(`${Object.keys(MUTANTS).length} mutants`);
});
