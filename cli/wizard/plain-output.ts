import { Writable } from 'node:stream';
import type { Terminal } from '../terminal/terminal.js';

const COLOURS = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g');

/** The same screen without colours, for NO_COLOR: the prompts' library does not heed it on every Node. */
export const plainOutput = (output: Terminal['stderr']): Writable => {
  const plain = new Writable({
    decodeStrings: false,
    write: (text: string | Buffer, _encoding, done) => {
      output.write(text.toString().replace(COLOURS, ''));
      done();
    },
  });
  return Object.defineProperties(plain, {
    columns: { get: () => output.columns },
    rows: { get: () => output.rows },
    isTTY: { get: () => output.isTTY },
  });
};
