import * as pulumi from '@pulumi/pulumi';
import { declare, type Scenario } from '../program.js';

export const scenario: Scenario = {
  program: () => {
    declare('cloudflare:index/workersScript:WorkersScript', 'worker', {
      bindings: [{ type: 'secret_text', name: 'KEY_OF_CLINICA', text: pulumi.secret('x') }],
    });
    declare('cloudflare:index/workersSecret:WorkersSecret', 'secret', { name: 'clinica-token' });
    declare('cloudflare:index/workersKv:WorkersKv', 'configuration', { value: pulumi.secret('x') });
  },
  violations: [
    'worker: has a secret of tenant clinica (KEY_OF_CLINICA)',
    'secret: has a secret of tenant clinica (clinica-token)',
    'configuration: holds a secret where it can be read',
  ],
};
