import { cellStack, infrastructureStack } from '../../stacks/names.js';

/** The stacks that a cell may have: what lies in its database, and what it has in AWS. One of them may not be there. */
export const stacksOfCell = (cell: string): string[] => [cellStack(cell), infrastructureStack(cell)];
