import { finished } from 'node:stream/promises';
import fc from 'fast-check';
import { from as copyFrom } from 'pg-copy-streams';
import { expect, it } from 'vitest';
import { withConnection } from '../../../data-plane/database/connect.js';
import { copyLine } from '../../../data-plane/database/copy-text.js';
import { useDatabase } from '../../support/cell-database.js';

const db = useDatabase();
const SPECIAL = [
  '\\',
  '\\N',
  '\\.',
  '\t',
  '\n',
  '\r\n',
  '\b\f\v',
  '\\x00',
  '',
  'سارة\u200f',
  'Iñaki',
  '\\\\n',
  '😊',
];

it('gives back every value through COPY: backslashes, tabs, lines, bytes, nulls', async () => {
  const texts = [...SPECIAL, ...fc.sample(fc.string({ unit: 'binary' }), 500)].filter(
    (text) => !text.includes('\0') && !/\p{Surrogate}/u.test(text),
  );
  const at = new Date('2026-11-20T11:30:00.123Z');
  const wanted = texts.map((text, n) => ({
    n,
    text: n % 7 === 3 ? null : text,
    bytes: Buffer.from(text),
    flag: n % 2 === 0,
    at,
  }));
  await withConnection(db.connection, async (client) => {
    await client.query(
      'CREATE TEMPORARY TABLE copied (n integer, text text, bytes bytea, flag boolean, at timestamptz)',
    );
    const copy = client.query(copyFrom('COPY copied FROM STDIN'));
    copy.end(wanted.map((row) => copyLine([row.n, row.text, row.bytes, row.flag, row.at])).join(''));
    await finished(copy);
    expect((await client.query('SELECT * FROM copied ORDER BY n')).rows).toEqual(wanted);
  });
});
