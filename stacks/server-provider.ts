import { Provider } from '@pulumi/postgresql/provider.js';
import type * as pulumi from '@pulumi/pulumi';

/** An administrator's login; with `caFile` over TLS, whose certificate is verified by the authorities in the file. */
export interface AdminLogin {
  readonly user: string;
  readonly password: pulumi.Input<string>;
  readonly caFile?: string;
}

/** The provider of @pulumi/postgresql for a cell's server. */
export const serverProvider = (
  server: { host: pulumi.Input<string>; port: pulumi.Input<number>; database: pulumi.Input<string> },
  { user, password, caFile }: AdminLogin,
): Provider =>
  new Provider('postgres', {
    ...server,
    username: user,
    password,
    // A provider that keeps the superuser to itself is reached over TLS, and a server on this machine is not.
    ...(caFile === undefined
      ? { sslmode: 'disable' }
      : { sslmode: 'verify-full', sslrootcert: caFile, superuser: false }),
  });
