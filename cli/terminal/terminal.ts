import type { Readable, Writable } from 'node:stream';

/** Where a process prints; a terminal has a width and a height in characters. */
type Output = Writable & { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number };

/** The process as the CLI sees it; a test may give another one. */
export interface Terminal {
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Output;
  readonly stderr: Output;
  /** A UUID. */
  readonly newId: () => string;
}
