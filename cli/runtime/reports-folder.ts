import { join } from 'node:path';
import type { Context } from '../terminal/context.js';

/** The default folder for results of isolation tests. */
export const reportsFolder = (context: Context): string => join(context.project.home, 'isolation');
