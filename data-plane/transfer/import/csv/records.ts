import { Readable } from 'node:stream';
import { parse } from 'csv-parse';

/** A row is not longer: a few fields of at most a MiB. */
const RECORD_BYTES = 64 * 1024 * 1024;
const LINE_ENDS = ['\r\n', '\n', '\r'];
const LINE_END = /\r\n|\n|\r/g;

export interface CsvRecord {
  /** The first one, from 1; a record may go over several. */
  readonly line: number;
  readonly cells: readonly string[];
}

/**
 * The records of CSV (RFC 4180), whose lines may end in any way, each in its own. Empty lines are left out.
 *
 * @throws CsvError
 */
export async function* readRecords(
  text: AsyncIterable<string>,
  separator: string,
): AsyncGenerator<CsvRecord> {
  const parser = parse({
    delimiter: separator,
    info: true,
    max_record_size: RECORD_BYTES,
    raw: true,
    record_delimiter: LINE_ENDS,
    relax_column_count: true,
  });
  const input = Readable.from(text);
  input.on('error', (error) => parser.destroy(error));
  input.pipe(parser);
  let line = 1;
  try {
    for await (const { record, raw } of parser as AsyncIterable<{ record: string[]; raw: string }>) {
      if (record.length > 1 || record[0] !== '') yield { line, cells: record };
      // The parser's own count takes line ends within cells for two.
      line += raw.match(LINE_END)?.length ?? 0;
    }
  } finally {
    input.destroy();
  }
}
