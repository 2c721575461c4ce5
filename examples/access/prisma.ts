// Generate the client first: npx prisma generate --schema examples/access/schema.prisma
// In a project of your own: 'ringfence/access', and `import { PrismaClient } from './prisma-client/client.js'`.
import { PrismaPg } from '@prisma/adapter-pg';
import type { TenantDatabase } from '../../data-plane/access/index.js';

/** Prisma on the connection of one run: a client a run, which costs no connection and no engine process. */
export const prismaFor = <Client>(
  PrismaClient: new (options: { adapter: PrismaPg }) => Client,
  db: TenantDatabase,
): Client => new PrismaClient({ adapter: new PrismaPg(db.pool) });
