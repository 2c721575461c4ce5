import type { Scenario } from '../case.js';
import { familyCases } from '../family.js';
import { refusedStatement } from '../statement.js';
import { CATALOGUE } from './catalogue.js';
import { LOGINS } from './logins.js';
import { NEW_TABLES } from './new-table.js';
import { OBJECTS } from './objects.js';
import { PLATFORM_TABLES } from './platform-tables.js';
import { READABLE_TEXT } from './readable-text.js';
import { ROW_COPIES } from './row-copies.js';
import { ROW_READS } from './row-reads.js';
import { ROW_WRITES } from './row-writes.js';

export const SIDE_DOOR: Scenario = {
  name: 'side-door',
  title: 'Side Door',
  about:
    'Every way around the row policies: each tenant table read, written, copied and emptied as another clinic, then views, functions, partitions, files, replication, new tables, and the catalogue itself.',
  cases: (stage) => [
    ...[...ROW_READS, ...ROW_WRITES, ...ROW_COPIES, PLATFORM_TABLES].flatMap((family) =>
      familyCases(stage, family),
    ),
    READABLE_TEXT,
    ...OBJECTS.map((statement) => refusedStatement('side-door', statement)),
    ...NEW_TABLES,
    ...LOGINS,
    ...CATALOGUE.flatMap((family) => familyCases(stage, family)),
  ],
};
