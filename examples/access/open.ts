// The access library of a service on the machine where `ringfence cells up` made the cells.
import { createAccess, openLocalProject, type RefusalHook } from '../../data-plane/access/index.js';

export const openAccess = (home: string, jwks: URL, onRefused: RefusalHook) => {
  const project = openLocalProject(home);
  const access = createAccess({
    directory: project.directory,
    tenantKeys: project.tenantKeys,
    keys: jwks,
    issuer: 'https://id.example',
    audience: 'https://clinic.example',
    onRefused,
  });
  const close = async (): Promise<void> => {
    await access.close();
    await project.close();
  };
  return { access, close };
};
