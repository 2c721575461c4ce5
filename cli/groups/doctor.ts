import type { Register } from '../register.js';

/** `ringfence doctor`. */
export const registerDoctor: Register = (program, on) => {
  on(
    program.command('doctor').description('what this machine has, what stands in, what to fix'),
    async () => (await import('../commands/doctor.js')).doctor,
  );
};
