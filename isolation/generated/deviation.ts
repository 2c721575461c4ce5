/**
 * A difference of the database from the model. `leak`: something of another clinic was reached, or a defence was missing;
 * `difference`: the model and the database do not agree. Its message holds no value of a row.
 */
export class Deviation extends Error {
  readonly kind: 'leak' | 'difference';

  constructor(kind: 'leak' | 'difference', what: string) {
    super(what);
    this.name = 'Deviation';
    this.kind = kind;
  }
}

export const leak = (what: string): Deviation => new Deviation('leak', what);
export const difference = (what: string): Deviation => new Deviation('difference', what);
