import { execFileSync } from 'node:child_process';

/** Runs git in a folder as an author of its own, whatever the machine's settings are. */
export const gitIn =
  (cwd: string) =>
  (...args: string[]): string =>
    execFileSync(
      'git',
      [
        ...['-c', 'user.name=Ana', '-c', 'user.email=ana@clinica.example', '-c', 'commit.gpgsign=false'],
        ...['-c', 'init.defaultBranch=main', '-c', 'protocol.file.allow=always', ...args],
      ],
      { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
    );
