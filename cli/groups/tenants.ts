import { Option } from 'commander';
import { ERASURE_PROMISE_DAYS, WAIT_MAX_DAYS } from '../../data-plane/erasure/promise.js';
import { collect, collectPairs, parseCount, parseDays, parseReason } from '../command/option-values.js';
import type { Register } from '../register.js';

/** `ringfence tenants ...`. */
export const registerTenants: Register = (program, on) => {
  const tenants = program.command('tenants').description('the clinics that are onboarded');
  on(
    tenants
      .command('add [slug]')
      .description('onboard a clinic: manifest, preview, deploy, proof of isolation, verified backup')
      .option('-f, --file <manifest>', 'take this manifest (YAML or TypeScript)')
      .option('--legal-name <name>', 'the legal entity')
      .addOption(new Option('--type <type>').choices(['solo', 'multi-branch', 'hospital']))
      .addOption(new Option('--tier <tier>').choices(['shared', 'dedicated']))
      .addOption(new Option('--plan <plan>').choices(['starter', 'growth', 'pro', 'enterprise']))
      .option('--region <region>', 'AWS region')
      .option('--residency <residency>', 'eu, a country, or any')
      .option('--cell <cell>', 'an existing cell instead of a region')
      .option('--vertical <vertical>', 'dental, aesthetic, psychology, ...')
      .option('--clinic <name>', 'name of a clinic; again for each branch', collect, [])
      .option('--domain <domain>', 'host name of the tenant')
      .option('--admin-name <name>', 'first user')
      .option('--admin-email <email>', 'first user')
      .option('--skip-preview', 'do not show first what would be made; saves a quarter of the time'),
    async () => (await import('../commands/tenants-add.js')).tenantsAdd,
  );
  on(
    tenants
      .command('list')
      .description('every tenant with its cell and state')
      .option('--removed', 'those that were removed, with the backups that bring them back'),
    async () => (await import('../commands/tenants-list.js')).tenantsList,
  );
  on(
    tenants.command('show <slug>').description('one tenant: clinics, cell, key, quotas, backups'),
    async () => (await import('../commands/tenants-show.js')).tenantsShow,
  );
  on(
    tenants
      .command('preview [slug]')
      .description('what deploying would change')
      .option('--all', 'every manifest; unaffected ones are not run')
      .option('--concurrency <count>', 'how many at once', parseCount, 2)
      .option('--refresh', 'look at the real resources too: shows drift')
      .option('--expect-no-changes', 'exit with 7 when something would change'),
    async () => (await import('../commands/tenants-preview.js')).tenantsPreview,
  );
  on(
    tenants
      .command('apply [slug]')
      .description('deploy what a manifest says now')
      .option('--all', 'every manifest that changed; goes on where a killed run stopped')
      .option('--concurrency <count>', 'how many at once', parseCount, 2),
    async () => (await import('../commands/tenants-apply.js')).tenantsApply,
  );
  on(
    tenants
      .command('remove <slug>')
      .description('take a tenant out of its cell, after a last backup; key and backups stay')
      .option('--confirm <slug>', 'the name that a person would type'),
    async () => (await import('../commands/tenants-remove.js')).tenantsRemove,
  );
  on(
    tenants
      .command('restore-removed <slug>')
      .description('bring a removed tenant back: deployed again, with every row of its final backup'),
    async () => (await import('../commands/tenants-restore-removed.js')).tenantsRestoreRemoved,
  );

  on(
    tenants
      .command('erase <slug>')
      .description(
        'erase a tenant for ever, after a wait (GDPR Art. 17): asks for it, then carries it out when due',
      )
      .option('--reason <text>', 'why; it is in the certificate, so name nobody', parseReason)
      .option(
        '--wait-days <count>',
        'how long it can be taken back; 0 for at once',
        parseDays(0, WAIT_MAX_DAYS),
        ERASURE_PROMISE_DAYS,
      )
      .option('--confirm <slug>', 'the name that a person would type')
      .option('--cancel', 'take the request back; lets the tenant in again')
      .option('--out <folder>', 'for a copy of the certificate'),
    async () => (await import('../commands/tenants-erase.js')).tenantsErase,
  );

  on(
    tenants
      .command('suspend <slug>')
      .description('refuse everybody of a tenant at once; its rows, keys and backups stay')
      .requiredOption('--reason <text>', 'why; its clinics read it'),
    async () => (await import('../commands/tenants-suspend.js')).tenantsSuspend,
  );
  on(
    tenants
      .command('resume <slug>')
      .description('let a suspended tenant in again')
      .requiredOption('--reason <text>', 'why; its clinics read it'),
    async () => (await import('../commands/tenants-suspend.js')).tenantsResume,
  );

  on(
    tenants
      .command('export <tenant>')
      .description('every row of a tenant, decrypted, as CSV and JSON Lines in one zip (GDPR Art. 20)')
      .requiredOption('--out <file>', 'a new file: <name>.zip, or <name>.zip.age when it is sealed')
      .option('--clinic <slug>', 'only this clinic; again for more', collect, [])
      .option(
        '--recipient <key>',
        'seal it with age to this public key (age1...); again for more',
        collect,
        [],
      )
      .option(
        '--recipients-file <file>',
        'seal it to the public keys in this file, one a line; again for more',
        collect,
        [],
      ),
    async () => (await import('../commands/tenants-export.js')).tenantsExport,
  );

  on(
    tenants
      .command('import <tenant> <source>')
      .description(
        'bring an export (zip, sealed or not, or folder), or CSV files with a mapping, into a tenant: all of it or nothing',
      )
      .option('--identity-file <file>', 'of a sealed export: the secret key, as age-keygen writes it')
      .option('--mapping <file.yaml>', 'which CSV file and column goes where')
      .option(
        '--clinic <from=to>',
        'a clinic of the export and the one of the tenant, where their slugs differ; again for more',
        collectPairs,
        [],
      )
      .option('--dry-run', 'check everything, change nothing'),
    async () => (await import('../commands/tenants-import.js')).tenantsImport,
  );
};
