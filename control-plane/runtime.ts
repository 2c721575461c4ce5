import type pg from 'pg';
import type { Caller } from '../core/caller.js';
import type { Target } from '../stacks/protocol/provider/dependencies.js';
import type { EdgeReports } from '../targets/edge/reports.js';
import type { StackRunner } from './engine/run/stack-run.js';
import type { ControlServer } from './project/control-server.js';
import type { Project } from './project/project.js';
import type { StateStore } from './project/state/state-store.js';

/** The services that the operations of one command share. The engine is found, or obtained, when it is first needed. */
export interface Runtime {
  readonly project: Project;
  readonly caller: Caller;
  readonly control: pg.Pool;
  /** The server of the control database, where it is not on this machine. */
  readonly controlServer?: ControlServer | undefined;
  /** Of the engine. */
  readonly state: StateStore;
  readonly target: Target;
  readonly edge: EdgeReports;
  stackRunner(): Promise<StackRunner>;
  /**
   * Comes before anything is changed. @throws RingfenceError `control_outdated` where the object store has a later state of the
   * control database: somebody put an earlier project back.
   */
  beforeChange(): Promise<void>;
  /** Marks a change that must outlive this machine: at the end the control database's log goes into the object store. */
  hasChanged(): void;
  /** Marks a point at which a test may crash the process. */
  reached(point: string): void;
  now(): Date;
  close(): Promise<void>;
}

export interface RuntimeOptions {
  readonly project: Project;
  readonly caller: Caller;
  readonly env: NodeJS.ProcessEnv;
  /** Goes on with a control database that was further ahead before. */
  readonly acceptOlder?: boolean | undefined;
  /** Opens a control database on this machine although its rows are being carried elsewhere. */
  readonly isCarrying?: boolean | undefined;
  /** Lines about obtaining the engine, and waiting for AWS. */
  readonly onProgress: (line: string) => void;
  readonly reached?: (point: string) => void;
}
