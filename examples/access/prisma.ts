// Prisma on the connection of one run. PrismaClient is what `prisma generate` wrote for schema.prisma.
import { PrismaPg } from '@prisma/adapter-pg';
import type { TenantDatabase } from '../../data-plane/access/index.js';

/** Prisma on the connection of one run: a client a run, which costs no connection and no engine process. */
export const prismaFor = <Client>(
  PrismaClient: new (options: { adapter: PrismaPg }) => Client,
  db: TenantDatabase,
): Client => new PrismaClient({ adapter: new PrismaPg(db.pool) });
