// The access library of a service on the machine where `ringfence cells up` made the cells.
// In a project of your own the import is: import { ... } from 'ringfence/access';
import {
  type Access,
  createAccess,
  openLocalProject,
  type RefusalHook,
} from '../../data-plane/access/index.js';

export const openAccess = (home: string, jwks: URL, onRefused: RefusalHook): Access => {
  const { directory, tenantKeys } = openLocalProject(home);
  return createAccess({
    directory,
    tenantKeys,
    keys: jwks,
    issuer: 'https://id.example',
    audience: 'https://clinic.example',
    sealedColumns: { 'app.notes': { text: { sealed: 'text_sealed' } } },
    onRefused,
  });
};
