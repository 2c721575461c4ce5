import { z } from 'zod';

export const publishedCubesView = z.array(
  z.strictObject({
    cube: z.string(),
    month: z.string(),
    isNew: z.boolean().describe('false for one that was published before, and stays as it is'),
    shown: z.int(),
    withheld: z.int().nullable(),
    cell: z.string(),
  }),
);
