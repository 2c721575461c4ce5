import type { TenantInput } from '../../manifest/index.js';
import type { PartialTenant } from '../manifests/partial-tenant.js';
import { problemAt } from './check.js';
import type { Prompts } from './prompts.js';

/** The host name of the tenant and its first user. */
export const askContact = async (
  prompts: Prompts,
  known: PartialTenant,
  slug: string,
): Promise<Pick<TenantInput, 'domain' | 'admin'>> => {
  const domain =
    known.domain ??
    ((await prompts.text({
      message: 'Host name of the tenant, such as citas.example.com',
      check: (text) => problemAt({ domain: text }, 'domain'),
    })) ||
      null);
  const name =
    known.admin?.name ??
    (await prompts.text({
      message: 'Name of the first user, who is the administrator',
      byDefault: 'Administrator',
      check: (text) => problemAt({ admin: { name: text } }, 'admin', 'name'),
    }));
  const email =
    known.admin?.email ??
    (await prompts.text({
      message: 'E-mail address of the administrator',
      byDefault: `admin@${domain ?? `${slug}.example`}`,
      check: (text) => problemAt({ admin: { email: text } }, 'admin', 'email'),
    }));
  const phone =
    known.admin?.phone ??
    ((await prompts.text({
      message: 'Mobile phone of the administrator, such as +34600111222',
      check: (text) => problemAt({ admin: { phone: text } }, 'admin', 'phone'),
    })) ||
      null);
  return { domain, admin: { ...known.admin, name, email, phone } };
};
