import { join } from 'node:path';
import type { Context } from '../terminal/context.js';

/** Where results of isolation tests are kept, unless a command is told another place. */
export const reportsFolder = (context: Context): string => join(context.project.home, 'isolation');
