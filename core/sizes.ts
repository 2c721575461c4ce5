/** Size classes of a cell, ascending. A class is only a name: each target says what it means there. */
export const SIZES = ['small', 'medium', 'large', 'xlarge'] as const;
export type Size = (typeof SIZES)[number];

/** The class of a cell for which nobody has asked for another. */
export const DEFAULT_SIZE: Size = 'small';
