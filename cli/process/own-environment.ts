/**
 * Variables that pg, libpq and its programs, lib/pq of the postgresql plugin and Postgres itself read (PostgreSQL
 * documentation, libpq, "Environment Variables"; all of them begin with PG), and those that the engine prefers to our
 * passphrase's file.
 */
const FOREIGN = /^(?:PG[A-Z_]+|NODE_PG_FORCE_NATIVE|PULUMI_CONFIG_PASSPHRASE)$/;

/** For a shell that runs the engine itself. */
export const FORGET_FOREIGN =
  "unset NODE_PG_FORCE_NATIVE PULUMI_CONFIG_PASSPHRASE $(env | sed -n 's/^\\(PG[A-Z_]*\\)=.*/\\1/p')\n";

const LOOPBACK = ['127.0.0.1', 'localhost', '::1'];

/**
 * Removes other programs' settings of Postgres from the environment of this process, and so from that of its children.
 * Proxies stay, for downloads, but the engine and its providers reach each other without them.
 */
export const makeOwnEnvironment = (env: NodeJS.ProcessEnv): void => {
  for (const name of Object.keys(env)) if (FOREIGN.test(name)) delete env[name];
  Object.assign(env, directLoopback(env));
  // gRPC complains of an unusable proxy before it checks whether it needs one.
  env.GRPC_VERBOSITY ??= 'NONE';
};

/** The variables that exempt connections to this machine from a proxy, with the user's own entries. */
export const directLoopback = (env: NodeJS.ProcessEnv): Record<string, string> => {
  const { no_proxy, NO_PROXY, no_grpc_proxy } = env;
  return {
    no_proxy: withLoopback(no_proxy || NO_PROXY),
    NO_PROXY: withLoopback(NO_PROXY || no_proxy),
    // gRPC takes it instead of the other two.
    ...(no_grpc_proxy ? { no_grpc_proxy: withLoopback(no_grpc_proxy) } : {}),
  };
};

const withLoopback = (hosts = ''): string => {
  const named = hosts
    .split(',')
    .map((host) => host.trim())
    .filter((host) => host !== '');
  return [...new Set([...named, ...LOOPBACK])].join(',');
};
