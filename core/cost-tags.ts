/** The tags by which costs are told apart, on everything that a cloud bills for. */
export const CELL_TAG = 'ringfence:cell';
/** On what only one tenant uses. */
export const TENANT_TAG = 'ringfence:tenant';
