import type { Register } from '../register.js';

/** `ringfence schema ...`. */
export const registerSchema: Register = (program, on) => {
  const schema = program.command('schema').description('the tables of a cell');
  on(
    schema
      .command('lint')
      .description('name every table, view, function, key and grant that breaks isolation')
      .option('--cell <cell>', 'one cell; every running cell when left out'),
    async () => (await import('../commands/schema-lint.js')).schemaLint,
  );
};
