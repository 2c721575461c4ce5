/** Who reaches the server of a cell: any process of the project, or the worker alone, in the cell's network. */
export const REACHES = ['direct', 'worker'] as const;
export type Reach = (typeof REACHES)[number];
