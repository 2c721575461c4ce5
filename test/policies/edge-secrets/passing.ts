import * as pulumi from '@pulumi/pulumi';
import { declare, type Scenario } from '../program.js';

export const scenario: Scenario = {
  program: () => {
    declare('cloudflare:index/workersScript:WorkersScript', 'worker', {
      bindings: [
        { type: 'secret_text', name: 'ISSUER_KEY', text: pulumi.secret('x') },
        { type: 'plain_text', name: 'LIMITS_CLINICA', text: '{}' },
      ],
    });
    declare('cloudflare:index/workersKv:WorkersKv', 'configuration', { keyName: 'clinica', value: '{}' });
  },
};
