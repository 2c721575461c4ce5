import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { CADENCES } from '../control-plane/cadences/cadence.js';
import { SCENARIO_NAMES } from '../data-plane/isolation/suite/case.js';
import { SUBSCRIPTION_STATES } from '../tenants/vocabulary/lifecycle.js';
import { asksForCompletion, COMPLETION } from './completion.js';
import { type Context, createContext, type GlobalOptions } from './context.js';
import type { Terminal } from './run.js';
import { VERSION } from './version.js';

const EXIT_STATUSES = `
Exit status: 0 ok, 1 failure, 2 bad flags or manifest, 3 authentication, 4 resource failure, 5 policy violation,
6 not found, 7 no changes (with --expect-no-changes), 8 cancelled, 9 timeout, 255 internal`;

/** Registers the commands. Each loads its code when it runs, so that --help stays fast. */
export const buildProgram = (terminal: Terminal, result: { status: number }): Command => {
  const program = new Command('ringfence')
    .description('Clinics as tenants: provisioned, isolated, backed up and restorable, one command each.')
    .version(VERSION)
    .addHelpText('after', EXIT_STATUSES)
    .configureOutput({
      writeOut: (text) => void terminal.stdout.write(text),
      writeErr: (text) => void terminal.stderr.write(text),
    })
    .exitOverride()
    .showSuggestionAfterError()
    .enablePositionalOptions();

  type Action<A extends readonly unknown[], O> = (context: Context, options: O, ...args: A) => Promise<void>;
  const common = (command: Command): Command =>
    command
      .option('-C, --cwd <folder>', 'work in this project', existingFolder(terminal.cwd))
      .option('--json', 'print the result as JSON on standard output')
      .option('-y, --yes', 'do not ask')
      .addOption(new Option('--non-interactive', 'never ask'))
      .addOption(new Option('--no-color', 'no colours'));
  /** Runs `action` with the arguments first, as commander gives them: arguments, options, command. */
  const on = <A extends readonly unknown[], O>(
    command: Command,
    load: () => Promise<Action<A, O>>,
  ): Command =>
    common(command).action(async (...given: unknown[]) => {
      const options = given.at(-2) as O & GlobalOptions & { color?: boolean };
      const env = options.color === false ? { ...terminal.env, NO_COLOR: '1' } : terminal.env;
      const context = createContext({ ...terminal, env }, options, result);
      await (await load())(context, options, ...(given.slice(0, -2) as unknown as A));
    });

  on(
    program.command('doctor').description('what this machine has, what stands in, what to fix'),
    async () => (await import('./commands/doctor.js')).doctor,
  );

  const cells = program.command('cells').description('the Postgres servers that tenants live in');
  on(
    cells
      .command('up [name]')
      .description(
        'bring a cell up, or find it again after a crash or a reboot; all known cells without a name',
      )
      .addOption(new Option('--tier <tier>', 'shared or dedicated').choices(['shared', 'dedicated']))
      .option('--region <region>', 'AWS region, for a new cell')
      .option('--port <port>', 'loopback port, for a new cell', parsePort),
    async () => (await import('./commands/cells-up.js')).cellsUp,
  );
  on(
    cells.command('list').description('every cell with its state'),
    async () => (await import('./commands/cells-list.js')).cellsList,
  );
  on(
    cells.command('status <name>').description('one cell: server, tenants, sizes, connections'),
    async () => (await import('./commands/cells-status.js')).cellsStatus,
  );
  on(
    cells
      .command('down [name]')
      .description('stop a cell, or everything without a name; data stays')
      .option('--purge', 'remove the data, keys and state too (typed confirmation)'),
    async () => (await import('./commands/cells-down.js')).cellsDown,
  );

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
      .option('--admin-email <email>', 'first user'),
    async () => (await import('./commands/tenants-add.js')).tenantsAdd,
  );
  on(
    tenants.command('list').description('every tenant with its cell and state'),
    async () => (await import('./commands/tenants-list.js')).tenantsList,
  );
  on(
    tenants.command('show <slug>').description('one tenant: clinics, cell, key, quotas, backups'),
    async () => (await import('./commands/tenants-show.js')).tenantsShow,
  );
  on(
    tenants
      .command('preview [slug]')
      .description('what deploying would change')
      .option('--all', 'every manifest; unaffected ones are not run')
      .option('--concurrency <count>', 'how many at once', parseCount, 2)
      .option('--refresh', 'look at the real resources too: shows drift')
      .option('--expect-no-changes', 'exit with 7 when something would change'),
    async () => (await import('./commands/tenants-preview.js')).tenantsPreview,
  );
  on(
    tenants
      .command('apply [slug]')
      .description('deploy what a manifest says now')
      .option('--all', 'every manifest that changed; goes on where a killed run stopped')
      .option('--concurrency <count>', 'how many at once', parseCount, 2),
    async () => (await import('./commands/tenants-apply.js')).tenantsApply,
  );
  on(
    tenants.command('remove <slug>').description('take a tenant out of its cell; key and backups stay'),
    async () => (await import('./commands/tenants-remove.js')).tenantsRemove,
  );

  on(
    tenants
      .command('suspend <slug>')
      .description('refuse everybody of a tenant at once; its rows, keys and backups stay')
      .requiredOption('--reason <text>', 'why; its clinics read it'),
    async () => (await import('./commands/tenants-suspend.js')).tenantsSuspend,
  );
  on(
    tenants
      .command('resume <slug>')
      .description('let a suspended tenant in again')
      .requiredOption('--reason <text>', 'why; its clinics read it'),
    async () => (await import('./commands/tenants-suspend.js')).tenantsResume,
  );

  on(
    tenants
      .command('export <tenant>')
      .description('every row of a tenant, decrypted, as CSV and JSON Lines in one zip (GDPR Art. 20)')
      .requiredOption('--out <file.zip>', 'a new file')
      .option('--clinic <slug>', 'only this clinic; again for more', collect, []),
    async () => (await import('./commands/tenants-export.js')).tenantsExport,
  );

  const subscriptions = program.command('subscriptions').description('what each clinic may do until when');
  on(
    subscriptions.command('show <tenant>').description('the subscription of every clinic of a tenant'),
    async () => (await import('./commands/subscriptions.js')).subscriptionsShow,
  );
  on(
    subscriptions
      .command('set <tenant>')
      .addArgument(new Argument('<status>', 'what it becomes').choices(SUBSCRIPTION_STATES))
      .description('record what was paid: writes in TRIAL and ACTIVE, reads 14 days longer')
      .option('--clinic <slug>', 'this clinic; all of them when left out')
      .option('--until <time>', 'end of the trial or of the paid period', parseTime),
    async () => (await import('./commands/subscriptions.js')).subscriptionsSet,
  );

  const schema = program.command('schema').description('the tables of a cell');
  on(
    schema
      .command('lint')
      .description('name every table, view, function, key and grant that breaks isolation')
      .option('--cell <cell>', 'one cell; every running cell when left out'),
    async () => (await import('./commands/schema-lint.js')).schemaLint,
  );

  const isolation = program.command('isolation').description('proof that tenants cannot reach each other');
  on(
    isolation
      .command('test')
      .description('attack the running cells with throw-away tenants; exit status 5 when something leaks')
      .addOption(
        new Option('--scenario <name...>', 'only these scenarios').choices(SCENARIO_NAMES).default([], 'all'),
      )
      .option('--cell <cell>', 'one cell; every running cell when left out')
      .option('--report <file>', 'write a report for people, as one HTML file')
      .option('--generated <count>', 'this many generated sequences instead of the scenarios', parseCount)
      .option(
        '--mutants',
        'try the suite itself: scratch cells with one defence less, all of which it must catch',
      )
      .option('--seed <number>', 'chooses what is sampled; the same seed repeats it', parseCount, 1),
    async () => (await import('./commands/isolation-test.js')).isolationTest,
  );
  on(
    isolation
      .command('mutants [mutant...]')
      .description('take one defence at a time from a scratch cell: the attack suite must notice each')
      .addHelpText(
        'after',
        '\nThe same as `isolation test --mutants`. Runs on a server of its own, which it removes again.',
      ),
    async () => (await import('./commands/isolation-mutants.js')).isolationMutants,
  );

  on(
    isolation
      .command('cadence')
      .addArgument(new Argument('<cadence>', 'which tests').choices(CADENCES))
      .description(
        'run the tests of a pull request, a day, a week, a month, a quarter or a year; write their results',
      )
      .option('--out <folder>', 'instead of .ringfence/isolation'),
    async () => (await import('./commands/isolation-cadence.js')).isolationCadence,
  );
  on(
    isolation
      .command('runs')
      .description('the last run of each cadence; exit status 5 when one is overdue or found something'),
    async () => (await import('./commands/isolation-runs.js')).isolationRuns,
  );
  on(
    program
      .command('worker')
      .description('run backups and isolation tests at their times, until it is ended')
      .option('--concurrency <count>', 'jobs at once', parseCount, 2)
      .addHelpText('after', '\nRINGFENCE_ALERT_WEBHOOK is told what is found and what fails for good.'),
    async () => (await import('./commands/worker.js')).worker,
  );

  const keys = program.command('keys').description('the keys of a tenant');
  on(
    keys
      .command('rotate <tenant>')
      .description('give a tenant a new key version and seal its fields again, while it works on')
      .option(
        '--settle <seconds>',
        'how long applications may go on with the version they know',
        parseCount,
        300,
      ),
    async () => (await import('./commands/keys-rotate.js')).keysRotate,
  );

  const analytics = program.command('analytics').description('figures across clinics, in fixed cubes');
  on(
    analytics
      .command('publish')
      .description(
        'publish a month of the cubes, once: no cell shows fewer than five tenants or gives one away',
      )
      .option('--month <month>', 'as in 2026-10; the last one that is over when left out')
      .option('--cell <cell>', 'one cell; every running cell when left out'),
    async () => (await import('./commands/analytics-publish.js')).analyticsPublish,
  );

  const quotas = program.command('quotas').description('what a tenant may use, and what it uses');
  on(
    quotas.command('show <tenant>').description('each limit, what of it is used, when it is free again'),
    async () => (await import('./commands/quotas-show.js')).quotasShow,
  );
  on(
    quotas.command('usage').description('every tenant, the one nearest to a limit first'),
    async () => (await import('./commands/quotas-usage.js')).quotasUsage,
  );
  on(
    quotas
      .command('set <tenant> <quota=limit...>')
      .description('write limits into the manifest and deploy them: rows=750000 requestsPerMinute=600'),
    async () => (await import('./commands/quotas-set.js')).quotasSet,
  );

  const audit = program.command('audit').description('what was done with the data of a tenant, and by whom');
  on(
    audit
      .command('query <tenant>')
      .description('events, newest first')
      .option('--clinic <slug>', 'of this clinic')
      .option('--since <time>', 'from this time on (ISO 8601)', parseTime)
      .option('--until <time>', 'before this time (ISO 8601)', parseTime)
      .option('--actor <text>', 'by whoever has this in their id or role')
      .option('--action <name>', 'insert, update, delete, refused, support, ...')
      .option('--limit <count>', 'how many', parseCount, 50)
      .option('--anonymous', 'as an auditor sees them: who by a pseudonym, what by its kind'),
    async () => (await import('./commands/audit-query.js')).auditQuery,
  );
  on(
    audit
      .command('verify [tenant]')
      .description('find events that were removed, edited or slipped in')
      .option('--file <export>', 'an export instead of a tenant'),
    async () => (await import('./commands/audit-verify.js')).auditVerify,
  );
  on(
    audit
      .command('export <tenant>')
      .description('every event with its hash, as JSON lines')
      .option('--out <file>', 'into a new file instead of standard output'),
    async () => (await import('./commands/audit-export.js')).auditExport,
  );

  const support = program.command('support').description('access of your own support to a tenant, read-only');
  on(
    support
      .command('grant <tenant>')
      .description('let a user read a tenant for a while; its clinics see it in their audit log')
      .requiredOption('--user <id>', 'the user (a UUID)', parseUuid)
      .requiredOption('--reason <text>', 'why; the clinic reads it')
      .option('--minutes <count>', 'for how long, at most 480', parseCount, 60),
    async () => (await import('./commands/support.js')).supportGrant,
  );
  on(
    support.command('list <tenant>').description('every grant, newest first'),
    async () => (await import('./commands/support.js')).supportList,
  );
  on(
    support.command('revoke <tenant> <grant>').description('end a grant now'),
    async () => (await import('./commands/support.js')).supportRevoke,
  );

  const backups = program.command('backups').description('backups of a tenant, verified by restoring them');
  on(
    backups.command('run <tenant>').description('take a backup and verify it'),
    async () => (await import('./commands/backups-run.js')).backupsRun,
  );
  on(
    backups.command('list <tenant>').description('the backups of a tenant'),
    async () => (await import('./commands/backups-list.js')).backupsList,
  );
  on(
    backups
      .command('verify <tenant>')
      .description('restore into a scratch schema and compare digests')
      .option('--backup <id>', 'this one'),
    async () => (await import('./commands/backups-verify.js')).backupsVerify,
  );
  on(
    backups
      .command('restore <tenant>')
      .description('bring rows back; all other rows and tenants stay byte-identical')
      .option('--backup <id>', 'this one; the newest verified one when left out')
      .option('--at <time>', 'the last verified one of this time or before (ISO 8601)', parseTime)
      .option('--clinic <slug>', 'only rows of this clinic; again for more', collect, [])
      .option('--table <schema.table>', 'only this table; again for more', collect, [])
      .option(
        '--where <column=value>',
        'only rows with this value, and the rows that refer to them; again for rows with all of them',
        collect,
        [],
      )
      .addOption(
        new Option(
          '--into <place>',
          'in place, into a schema that only administrators read, or into CSV files',
        )
          .choices(['in-place', 'scratch', 'file'])
          .default('in-place'),
      )
      .option('--out <folder>', 'for the files')
      .option(
        '--mode <mode>',
        'replace: rows become as in the backup (default); missing-only: rows that are there stay',
        parseRestoreMode,
      )
      .option('--dry-run', 'show the difference, change nothing'),
    async () => (await import('./commands/backups-restore.js')).backupsRestore,
  );
  on(
    backups
      .command('drop-scratch <tenant> <schema>')
      .description('drop a schema that `backups restore --into scratch` made'),
    async () => (await import('./commands/backups-drop-scratch.js')).backupsDropScratch,
  );

  on(
    backups
      .command('status')
      .description("every tenant's last good backup against its promise; exit status 5 when one is overdue"),
    async () => (await import('./commands/backups-status.js')).backupsStatus,
  );
  on(
    backups
      .command('prune <tenant>')
      .description('remove the backups that are no longer kept; scheduled backups do it themselves')
      .option('--dry-run', 'only name them'),
    async () => (await import('./commands/backups-prune.js')).backupsPrune,
  );

  const demo = program.command('demo').description('sample data for the reference schema');
  on(
    demo
      .command('load <tenant>')
      .description('deterministic clinic data in Spanish, Arabic and English')
      .option('--patients <count>', 'about ten rows each', parseCount, 500)
      .option('--seed <number>', 'the same seed gives the same data', parseCount, 1),
    async () => (await import('./commands/demo-load.js')).demoLoad,
  );
  on(
    demo
      .command('show <tenant>')
      .description('a few patients, decrypted')
      .option('--limit <count>', 'how many', parseCount, 5),
    async () => (await import('./commands/demo-show.js')).demoShow,
  );

  program
    .command('pulumi')
    .description("the engine itself, on this project's stacks: ringfence pulumi -- stack ls")
    .option('-C, --cwd <folder>', 'work in this project', existingFolder(terminal.cwd))
    .option('--print-env', 'print the variables for plain pulumi: eval "$(ringfence pulumi --print-env)"')
    .argument('[args...]')
    .passThroughOptions()
    .action(async (args: string[], options: GlobalOptions & { printEnv?: boolean }) => {
      const context = createContext(terminal, options, result);
      await (await import('./commands/pulumi.js')).pulumi(context, options, args);
    });
  // For the help; what answers them is registered in its place.
  if (!asksForCompletion(terminal.args)) {
    program
      .command(`${COMPLETION} <shell>`)
      .description('for bash, zsh or fish: eval "$(ringfence completion bash)"');
  }
  return program;
};

const collect = (value: string, before: string[]): string[] => [...before, value];

const existingFolder =
  (from: string) =>
  (folder: string): string => {
    if (statSync(resolve(from, folder), { throwIfNoEntry: false })?.isDirectory()) return folder;
    throw new InvalidArgumentError('there is no such folder');
  };

const parsePort = (text: string): number => {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1024 && port <= 65_535) return port;
  throw new InvalidArgumentError('allowed: a number from 1024 to 65535');
};

const parseCount = (text: string): number => {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= 10_000_000) return count;
  throw new InvalidArgumentError('allowed: a whole number from 1');
};

const parseTime = (text: string): Date => {
  const time = new Date(text);
  if (/^\d{4}-\d{2}-\d{2}/.test(text) && !Number.isNaN(time.getTime())) return time;
  throw new InvalidArgumentError('allowed: a time as in 2026-03-01 or 2026-03-01T09:30Z');
};

const parseRestoreMode = (mode: string): string => {
  if (mode === 'replace' || mode === 'missing-only') return mode;
  throw new InvalidArgumentError(
    mode === 'newest'
      ? 'rows do not say when they last changed, and every row that differs was changed since the backup, so the newest ' +
          'one is always the one that is there. Use missing-only to keep those.'
      : 'allowed: replace, missing-only',
  );
};

const parseUuid = (text: string): string => {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) return text.toLowerCase();
  throw new InvalidArgumentError('allowed: a UUID');
};
