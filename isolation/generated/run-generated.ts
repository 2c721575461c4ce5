import fc from 'fast-check';
import type pg from 'pg';
import { cleanAndForget } from '../../data-plane/access/context/cleaning.js';
import { withConnection } from '../../data-plane/database/connect.js';
import { memoryKeys } from '../suite/memory-keys.js';
import { removeCanaries } from '../suite/remove.js';
import { takeCell } from '../suite/take-cell.js';
import type { SuiteTarget } from '../suite/target.js';
import { Attacker } from './attacker.js';
import { Deviation } from './deviation.js';
import { plantGround } from './ground.js';
import type { Game } from './moves/move.js';
import { play } from './play.js';
import { CONNECTIONS, describeStep, type Step, sequences } from './step.js';

export interface GeneratedOptions {
  /** How many sequences are played. */
  readonly sequences: number;
  /** The same seed makes the same sequences. */
  readonly seed: number;
  /** Plays only the sequence that a report names, and goes on from there. */
  readonly path?: string;
  /** SQL that cleans a connection between tenants; the access library's own when left out. */
  readonly clean?: string;
  readonly onProgress?: (sequences: number) => void;
}

export interface GeneratedReport {
  readonly seed: number;
  /** The number of sequences that were played, without those for shrinking a failing one. */
  readonly sequences: number;
  readonly steps: number;
  readonly statements: number;
  /** Steps that saw, counted or wrote rows of the entered clinic, as the model says. */
  readonly proved: number;
  readonly tables: number;
  readonly durationMs: number;
  /** The shortest sequence in which the database differs from the model; undefined when there is none. */
  readonly failure?: GeneratedFailure;
}

interface GeneratedFailure {
  readonly kind: Deviation['kind'] | 'unproven';
  readonly what: string;
  readonly steps: readonly string[];
  /** With the seed, plays this sequence again. */
  readonly path: string;
}

/**
 * Plays generated sequences of statements, transactions, cancels and reuse of connections by three throw-away tenants
 * against a cell. Everything that comes back, and the rows of all three after each sequence, are compared with a model.
 * Rows of real tenants are neither written nor read. A leak is data, no error.
 *
 * @throws RingfenceError `conflict` while another isolation test works in the cell, and what the connections throw.
 */
export const runGenerated = (target: SuiteTarget, options: GeneratedOptions): Promise<GeneratedReport> =>
  withConnection(target.admin, async (admin) => {
    await takeCell(admin);
    const keys = target.keys ?? memoryKeys();
    await removeCanaries(admin, keys);
    const attackers = Array.from({ length: CONNECTIONS }, () => new Attacker(target));
    try {
      return await attack(admin, attackers, options);
    } finally {
      await Promise.all(attackers.map((attacker) => attacker.end()));
      await removeCanaries(admin, keys);
    }
  });

const attack = async (
  admin: pg.Client,
  attackers: readonly Attacker[],
  { sequences: numRuns, seed, path, clean = cleanAndForget(), onProgress }: GeneratedOptions,
): Promise<GeneratedReport> => {
  const startedMs = performance.now();
  const ground = await plantGround(admin);
  const counts = { sequences: 0, steps: 0, proved: 0 };
  let failed = false;
  const property = fc.asyncProperty(sequences, async (steps) => {
    const game: Game = {
      ground,
      admin,
      attackers,
      clean,
      model: ground.model.copy(),
      written: new Set<string>(),
      proved: 0,
    };
    try {
      await playAll(game, steps);
    } catch (error) {
      failed = true;
      await ground.restore();
      throw error;
    }
    if (failed) return;
    counts.steps += steps.length;
    counts.proved += game.proved;
    counts.sequences += 1;
    onProgress?.(counts.sequences);
  });
  const details = await fc.check(property, { numRuns, seed, ...(path === undefined ? {} : { path }) });
  const [steps] = details.counterexample ?? [];
  const cause = details.errorInstance;
  return {
    seed,
    ...counts,
    statements: attackers.reduce((sum, { statements }) => sum + statements, 0),
    tables: ground.tables.length,
    durationMs: Math.round(performance.now() - startedMs),
    ...(steps === undefined
      ? {}
      : {
          failure: {
            kind: cause instanceof Deviation ? cause.kind : 'unproven',
            what:
              cause instanceof Deviation
                ? cause.message
                : `the sequence could not be played (${nameOf(cause)})`,
            steps: steps.map(describeStep),
            path: details.counterexamplePath ?? '',
          },
        }),
  };
};

const playAll = async (game: Game, steps: readonly Step[]): Promise<void> => {
  try {
    for (const step of steps) await play(game, step);
  } finally {
    for (const attacker of game.attackers) await attacker.reset();
  }
  await game.ground.compare(game.model);
  await game.ground.restore(game.written);
};

const nameOf = (error: unknown): string => (error instanceof Error ? `${error.name}` : typeof error);
