/** Where a program or a plugin lies, as the engine says it (language.proto, ProgramInfo). */
interface ProgramInfo {
  getEntryPoint(): string;
  getProgramDirectory(): string;
}

export interface RunRequest {
  getProject(): string;
  getStack(): string;
  getPwd(): string;
  getOrganization(): string;
  getDryrun(): boolean;
  getParallel(): number;
  getMonitorAddress(): string;
  getConfigMap(): { entries(): { next(): { done: boolean; value: [string, string] } } };
  getConfigsecretkeysList(): string[];
  getInfo(): ProgramInfo | undefined;
}

export interface RunPluginRequest {
  getPwd(): string;
  getArgsList(): string[];
  /** `NAME=value` each. */
  getEnvList(): string[];
  /** `analyzer` for a policy pack, `resource` for a provider. */
  getKind(): string;
  getInfo(): ProgramInfo | undefined;
}

export interface GetProgramDependenciesRequest {
  getTransitivedependencies(): boolean;
  getInfo(): ProgramInfo | undefined;
}
