import { Readable, Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type { Terminal } from '../terminal/terminal.js';

/** A terminal that nobody sits at, and whose output goes to `print`. @param colors whether it shows them. */
export const recordedTerminal = (
  { env, cwd, newId }: Terminal,
  colors: boolean,
  print: (output: { readonly stream: 'out' | 'err'; readonly text: string }) => void,
): Terminal => {
  const { NO_COLOR: _own, ...others } = env;
  return {
    args: [],
    env: { ...others, ...(colors ? {} : { NO_COLOR: '1' }) },
    cwd,
    newId,
    stdin: Readable.from([]),
    stdout: recorded((text) => print({ stream: 'out', text }), colors),
    stderr: recorded((text) => print({ stream: 'err', text }), colors),
  };
};

const recorded = (print: (text: string) => void, isTTY: boolean): Terminal['stdout'] => {
  const decoder = new StringDecoder('utf8');
  const stream = new Writable({
    write: (part: Buffer, _encoding, done) => {
      print(decoder.write(part));
      done();
    },
  });
  return Object.assign(stream, { isTTY });
};
