import { ensureLocalServer, type LocalServer, purgeLocalServer } from './local-server.js';

/**
 * Runs `work` with a server of its own in `dir`, which is removed afterwards. What a killed run left there is removed
 * first; the caller sees to it that there is one run at a time.
 */
export const inScratchServer = async <T>(
  dir: string,
  work: (server: LocalServer) => Promise<T>,
): Promise<T> => {
  purgeLocalServer(dir);
  try {
    return await work(await ensureLocalServer(dir));
  } finally {
    purgeLocalServer(dir);
  }
};
