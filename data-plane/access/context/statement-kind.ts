import { RingfenceError } from '../../../core/errors.js';
import { statementTokens } from './statement-tokens.js';

/** A statement that opens, ends or goes back to a savepoint, or would end the transaction. */
export type ControlStatement =
  | { readonly kind: 'begin'; readonly isReadOnly: boolean }
  | { readonly kind: 'commit' | 'rollback' }
  /** `name` as Postgres stores it, not quoted. */
  | { readonly kind: 'savepoint' | 'release' | 'rollback to'; readonly name: string };

/** A `query` reads or writes rows; a `setting` holds until the transaction, or the savepoint that it was given in, ends. */
export type StatementKind = ControlStatement | { readonly kind: 'query' | 'setting' };

export const isControl = (kind: StatementKind): kind is ControlStatement =>
  kind.kind !== 'query' && kind.kind !== 'setting';

const QUERIES: ReadonlySet<string> = new Set(
  'select insert update delete merge with values table show'.split(' '),
);
const IN_PARENTHESES: ReadonlySet<string> = new Set('select with values table'.split(' '));
const CONTROLS: ReadonlySet<string> = new Set(
  'begin start commit end rollback abort savepoint release set'.split(' '),
);

/** Those that are taken have 20 at most. */
const CONTROL_TOKENS_MAX = 40;

const MODE =
  '(?:isolation level (?:serializable|repeatable read|read (?:un)?committed)|read (?:only|write)|(?:not )?deferrable)';
const MODES = `${MODE}(?:(?: ,)? ${MODE})*`;
const BEGIN = new RegExp(`^(?:begin(?: work| transaction)?|start transaction)(?: ${MODES})?$`);
const SET_TRANSACTION = new RegExp(`^set (?:local )?transaction ${MODES}$`);
const SET_LOCAL = /^set local (?:(?:lock_timeout|statement_timeout|timezone) (?:=|to)|time zone) /;
const STRONG_ISOLATION = /isolation level (?:serializable|repeatable)/;
const COMMIT = /^(?:commit|end)(?: work| transaction)?(?: and no chain)?$/;
const ROLLBACK = /^(?:rollback|abort)(?: work| transaction)?(?: and no chain)?$/;
const SAVEPOINT = /^savepoint$/;
const RELEASE = /^release(?: savepoint)?$/;
const ROLLBACK_TO = /^(?:rollback|abort)(?: work| transaction)? to(?: savepoint)?$/;

/**
 * Reads what a statement is from its first word, or all of one that controls transactions. That is reliable because
 * the extended protocol takes one statement at a time. What is not named here is refused.
 * @throws RingfenceError `statement_not_allowed`, before anything was sent.
 */
export const statementKind = (text: string): StatementKind => {
  const tokens = statementTokens(text);
  let first: string | undefined = tokens.next().value;
  if (first === '(') {
    while (first === '(') first = tokens.next().value;
    if (first !== undefined && IN_PARENTHESES.has(first)) return { kind: 'query' };
  } else if (first !== undefined && QUERIES.has(first)) {
    return { kind: 'query' };
  } else if (first !== undefined && CONTROLS.has(first)) {
    const words = [first];
    for (const token of tokens) if (words.push(token) > CONTROL_TOKENS_MAX) throw notAllowed();
    return controlKind(words);
  }
  throw notAllowed();
};

/** @throws RingfenceError `statement_not_allowed` for what only has a meaning in a longer transaction, too. */
export const assertQuery = (text: string): void => {
  if (statementKind(text).kind !== 'query') throw notAllowed();
};

const controlKind = (tokens: readonly string[]): StatementKind => {
  const words = tokens.at(-1) === ';' ? tokens.slice(0, -1) : tokens;
  const line = words.join(' ');
  if (STRONG_ISOLATION.test(line) && (BEGIN.test(line) || SET_TRANSACTION.test(line))) throw tooIsolated();
  if (BEGIN.test(line)) return { kind: 'begin', isReadOnly: line.includes('read only') };
  if (COMMIT.test(line)) return { kind: 'commit' };
  if (ROLLBACK.test(line)) return { kind: 'rollback' };
  if (SET_TRANSACTION.test(line) || SET_LOCAL.test(line)) return { kind: 'setting' };
  const verb = words.slice(0, -1).join(' ');
  const name = savepointName(words.at(-1) ?? '');
  if (SAVEPOINT.test(verb)) return { kind: 'savepoint', name };
  if (RELEASE.test(verb)) return { kind: 'release', name };
  if (ROLLBACK_TO.test(verb)) return { kind: 'rollback to', name };
  throw notAllowed();
};

const NAME_BYTES = 63;

/** The names of our own savepoints cannot be reached; longer names than Postgres keeps would become equal. */
const savepointName = (token: string): string => {
  const name = token.startsWith('"') ? token.slice(1, -1).replaceAll('""', '"') : token;
  if (!/^["A-Za-z_\u0080-\uffff]/.test(token) || Buffer.byteLength(name) > NAME_BYTES) throw notAllowed();
  if (!name.startsWith('ringfence')) return name;
  throw new RingfenceError('statement_not_allowed', 'savepoints whose names begin with ringfence are taken', {
    fix: 'give the savepoint another name',
  });
};

const notAllowed = (): RingfenceError =>
  new RingfenceError('statement_not_allowed', 'a statement of this kind is not taken in a clinic', {
    fix:
      'send SELECT, INSERT, UPDATE, DELETE, MERGE, WITH, VALUES, TABLE or SHOW; docs/access.md has what else a run ' +
      'takes, and what to write instead of the rest',
  });

const tooIsolated = (): RingfenceError =>
  new RingfenceError(
    'statement_not_allowed',
    'the transaction of a run is READ COMMITTED and cannot be more',
    {
      fix: 'leave the isolation level out, and lock the rows that a decision depends on: SELECT ... FOR UPDATE',
    },
  );
