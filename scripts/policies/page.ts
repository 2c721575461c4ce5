import { readFileSync, writeFileSync } from 'node:fs';
import { listRules } from '../../control-plane/policies/rules.js';
import { RULES } from '../../policies/rules/index.js';

const FILE = new URL('../../docs/policies.md', import.meta.url);
const [BEGIN, END] = ['<!-- rules -->', '<!-- /rules -->'];

/** The page with its list of rules as the rules say it. */
export const currentPage = (): string => {
  const page = readFileSync(FILE, 'utf8');
  const [before = '', rest = ''] = page.split(BEGIN);
  const after = rest.split(END)[1] ?? '';
  return `${before}${BEGIN}\n${rulesText()}${END}${after}`;
};

export const committedPage = (): string => readFileSync(FILE, 'utf8');

export const writePage = (): void => writeFileSync(FILE, currentPage());

const rulesText = (): string =>
  listRules()
    .map(({ name, description, why, level, judges }) => {
      const without = RULES.find((rule) => rule.name === name)?.withoutExceptions;
      const exceptions = without === undefined ? '' : ` No exceptions: ${without}.`;
      return `\n### ${name}\n\n${description}. ${why}.\n\nLevel: ${level}. Judges ${judges.join(', ')}.${exceptions}\n`;
    })
    .join('');
