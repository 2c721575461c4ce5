import { describe, expect, it } from 'vitest';
import { statementKind } from '../../../../data-plane/access/context/statement-kind.js';

const refused = expect.objectContaining({ code: 'statement_not_allowed', fix: expect.any(String) });

describe('the kind of a statement', () => {
  it.each([
    'SELECT 1',
    'select(1)',
    '\t\r\n\f select 1',
    '-- a comment\n--another\r SELECT 1',
    '/* /* nested */ -- not a line comment */ INSERT INTO x VALUES (1)',
    '/**/update x set y = 1',
    '/*/ still a comment */delete from x',
    '((SELECT 1) UNION (SELECT 2))',
    '( /* x */ ( values (1)))',
    'WITH x AS (SELECT 1) SELECT * FROM x;',
    'MERGE INTO x USING y ON true WHEN MATCHED THEN DELETE',
    'TABLE x',
    'SHOW server_version',
  ])('is a query: %j', (text) => {
    expect(statementKind(text)).toEqual({ kind: 'query' });
  });

  it.each([
    ['begin', 'begin', false],
    [' BEGIN ; ', 'begin', false],
    ['START /* x */ TRANSACTION', 'begin', false],
    ['Begin Work', 'begin', false],
    ['begin isolation level read committed read only', 'begin', true],
    ['START TRANSACTION READ WRITE, NOT DEFERRABLE', 'begin', false],
    ['COMMIT;', 'commit'],
    ['/* x */ COMMIT', 'commit'],
    ['-- x\nCOMMIT WORK', 'commit'],
    ['END TRANSACTION', 'commit'],
    ['commit and no chain', 'commit'],
    ['ROLLBACK;', 'rollback'],
    ['ABORT', 'rollback'],
  ])('ends or begins a transaction of a library: %j', (text, kind, isReadOnly?: boolean) => {
    expect(statementKind(text)).toEqual({ kind, ...(isReadOnly === undefined ? {} : { isReadOnly }) });
  });

  it.each([
    ['SAVEPOINT Sp1', 'savepoint', 'sp1'],
    ['savepoint "Sp ""1"""', 'savepoint', 'Sp "1"'],
    ['RELEASE sp1;', 'release', 'sp1'],
    ['release savepoint savepoint', 'release', 'savepoint'],
    ['ROLLBACK TO sp1', 'rollback to', 'sp1'],
    ['rollback work to savepoint "to"', 'rollback to', 'to'],
    ['SAVEPOINT \u0130\u212a', 'savepoint', '\u0130\u212a'],
  ])('moves a savepoint: %j', (text, kind, name) => {
    expect(statementKind(text)).toEqual({ kind, name });
  });

  it.each([
    "SET LOCAL lock_timeout = '1s'",
    'set local statement_timeout to 1000',
    "SET LOCAL TIME ZONE 'Europe/Madrid'",
    "SET LOCAL TimeZone = 'UTC'",
    'SET TRANSACTION READ ONLY',
    'set transaction isolation level read committed, read write;',
  ])('sets something for a transaction: %j', (text) => {
    expect(statementKind(text)).toEqual({ kind: 'setting' });
  });

  it.each([
    '',
    ' ',
    '-- only a comment',
    '/* not ended SELECT 1',
    ';COMMIT',
    ';;SELECT 1',
    '(COMMIT)',
    '(INSERT INTO x VALUES (1))',
    '\ufeffSELECT 1',
    '\u00a0COMMIT',
    '\u2028SELECT 1',
    'SELECT1',
    'selec\u0074\u00e9 1',
    '\u017felect 1',
    'ROLLBAC\u212a',
    'COMMIT AND CHAIN',
    'ROLLBACK AND CHAIN;',
    'END /* */ AND\nCHAIN',
    'ABORT AND CHAIN',
    "COMMIT PREPARED 'x'",
    "ROLLBACK PREPARED 'x'",
    "PREPARE TRANSACTION 'x'",
    'COMMIT; SELECT 1',
    'BEGIN ISOLATION LEVEL SERIALIZABLE',
    'START TRANSACTION READ ONLY, ISOLATION LEVEL REPEATABLE READ',
    'SET TRANSACTION ISOLATION LEVEL SERIALIZABLE',
    "SET TRANSACTION SNAPSHOT '1'",
    'SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY',
    'SET seed TO 0.5',
    'SET LOCAL seed TO 0.5',
    'SET x.y = 1',
    'SET LOCAL x.y = 1',
    'SET LOCAL timezone.x = 1',
    'SET LOCAL "lock_timeout.x" = 1',
    'SET LOCAL role TO ringfence_gate',
    'SET search_path = x',
    'SET lock_timeout = 1',
    'SET SESSION lock_timeout = 1',
    'SET CONSTRAINTS ALL IMMEDIATE',
    'SAVEPOINT ringfence_1',
    'SAVEPOINT "ringfence_1"',
    'ROLLBACK TO RINGFENCE_1',
    'RELEASE SAVEPOINT "ringfence_1"',
    'SAVEPOINT U&"\\0072ingfence_1"',
    'SAVEPOINT a b',
    'SAVEPOINT',
    'SAVEPOINT 1',
    `SAVEPOINT ${'x'.repeat(64)}`,
    'ROLLBACK TO',
    `SET LOCAL timezone = '${' x'.repeat(40)}'`,
    ...['EXPLAIN ANALYZE SELECT 1', 'ALTER ROLE x', 'DROP TABLE x', 'CREATE TEMP TABLE x ()', 'TRUNCATE x'],
    ...['GRANT x TO y', 'LOCK TABLE x', 'LISTEN x', 'UNLISTEN x', 'NOTIFY x', 'PREPARE x AS SELECT 1'],
    ...['EXECUTE x', 'DEALLOCATE ALL', 'DECLARE x CURSOR FOR SELECT 1', 'FETCH x', 'MOVE x', 'CLOSE ALL'],
    ...[
      'COPY x TO STDOUT',
      "DO 'x'",
      'CALL x()',
      'RESET ALL',
      'DISCARD ALL',
      'VACUUM',
      'ANALYZE',
      'REINDEX TABLE x',
    ],
    ...[
      'CHECKPOINT',
      "LOAD 'x'",
      'CLUSTER',
      'REFRESH MATERIALIZED VIEW x',
      'REASSIGN OWNED BY x TO y',
      'COMMENT ON TABLE x IS NULL',
    ],
    ...['SECURITY LABEL ON TABLE x IS NULL', 'IMPORT FOREIGN SCHEMA x FROM SERVER y INTO z', 'WAIT'],
  ])('is refused: %j', (text) => {
    expect(() => statementKind(text)).toThrow(refused);
  });
});
