import { build } from 'esbuild';

/** A Worker of the sources, as `npm run build` makes it. */
export const bundle = async (entry: string): Promise<string> => {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    format: 'esm',
    target: 'es2022',
    external: ['cloudflare:workers'],
    write: false,
  });
  return outputFiles[0]?.text ?? '';
};
