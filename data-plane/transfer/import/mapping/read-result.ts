/** A value as the text that Postgres reads, or what is wrong with the cell. */
export type ReadResult<Text extends string | null = string | null> =
  | { readonly text: Text }
  | { readonly fault: string };
