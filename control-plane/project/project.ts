import { join, resolve } from 'node:path';

/** The folders of a Ringfence project. Everything below `home` is generated and can be removed. */
export interface Project {
  /** The folder that holds `tenants/` and `Pulumi.yaml`. */
  readonly root: string;
  /** `<root>/.ringfence` unless RINGFENCE_HOME names another folder. */
  readonly home: string;
}

export const openProject = (root: string, home?: string): Project => ({
  root,
  home: home ? resolve(home) : join(root, '.ringfence'),
});

/** The folder of the engine's file backend. */
/** Held while the control database is moved or restored. */
export const controlLockFile = ({ home }: Project): string => join(home, 'control-restore.lock');

export const stateDir = ({ home }: Project): string => join(home, 'state');

/** The passphrase that seals the secrets of a state in that folder. */
export const passphraseFile = ({ home }: Project): string => join(home, 'passphrase');
