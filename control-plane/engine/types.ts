import type { Project } from '../project/project.js';

/** How a cached engine came to be. */
export type EngineOrigin = 'download' | 'build';

/** A Pulumi engine that answered `pulumi version` with a version that Ringfence can drive. */
export interface Engine {
  /** The absolute path of the `pulumi` binary. */
  readonly path: string;
  /** Without a leading `v`: `3.246.0`. */
  readonly version: string;
  /** `env` is RINGFENCE_PULUMI; `download` and `build` mean that this very call fetched or built it. */
  readonly source: 'env' | 'path' | 'cache' | 'download' | 'build';
  /** Set when Ringfence put the engine there itself: how it came into the cache. */
  readonly origin?: EngineOrigin;
}

export interface EngineOptions {
  readonly project: Project;
  /** PATH, RINGFENCE_PULUMI, RINGFENCE_ENGINE_CACHE and RINGFENCE_ENGINE_URL are read from here. */
  readonly env: NodeJS.ProcessEnv;
  /** Receives lines for a person: what was passed over and why, and how a download or a build goes on. */
  readonly onProgress?: (line: string) => void;
}

/** Puts an engine, and what comes with it, into an empty folder as `<folder>/pulumi`. */
export type EngineMaker = (options: {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly onProgress: (line: string) => void;
}) => Promise<void>;
