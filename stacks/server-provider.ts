import { Provider } from '@pulumi/postgresql/provider.js';
import type * as pulumi from '@pulumi/pulumi';
import type { ServerLogin } from '../targets/target.js';

/**
 * The provider of @pulumi/postgresql for a cell's server. The password comes in a file that PGPASSFILE names
 * (control-plane/engine/run/password-environment.ts): an input would stand in the state and in the engine's logs.
 */
export const serverProvider = (
  server: { host: pulumi.Input<string>; port: pulumi.Input<number>; database: pulumi.Input<string> },
  { user, caFile }: ServerLogin,
  options: pulumi.ResourceOptions = {},
): Provider =>
  new Provider(
    'postgres',
    {
      ...server,
      username: user,
      // A provider that keeps the superuser to itself is reached over TLS, and a server on this machine is not.
      ...(caFile === undefined
        ? { sslmode: 'disable' }
        : { sslmode: 'verify-full', sslrootcert: caFile, superuser: false }),
    },
    options,
  );
