/** White space of Postgres's scanner (scan.l); U+FEFF, U+00A0 and the like are letters to it. */
const WHITE_SPACE = /[ \t\n\r\f\v]+/y;
const LINE_COMMENT = /--[^\n\r]*/y;
const COMMENT_EDGE = /\/\*|\*\//g;
const WORD = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y;
const QUOTED = /"(?:[^"\0]|"")*"/y;

/**
 * The tokens of a statement, without white space and comments: words with their ASCII letters in lower case, as
 * Postgres folds them; quoted names with their quotes; every other character alone.
 */
export const statementTokens = function* (text: string): Generator<string> {
  let position = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = position;
    const [taken] = pattern.exec(text) ?? [];
    position += taken?.length ?? 0;
    return taken;
  };
  while (position < text.length) {
    if (take(WHITE_SPACE) !== undefined || take(LINE_COMMENT) !== undefined) continue;
    if (text.startsWith('/*', position)) {
      position = endOfComment(text, position);
      continue;
    }
    const word = take(WORD);
    if (word !== undefined) yield word.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
    else yield take(QUOTED) ?? text.charAt(position++);
  }
};

/** Comments nest. An unclosed comment is the rest of the text; Postgres refuses it. */
const endOfComment = (text: string, start: number): number => {
  let depth = 0;
  COMMENT_EDGE.lastIndex = start;
  for (let edge = COMMENT_EDGE.exec(text); edge; edge = COMMENT_EDGE.exec(text)) {
    depth += edge[0] === '/*' ? 1 : -1;
    if (depth === 0) return COMMENT_EDGE.lastIndex;
  }
  return text.length;
};
