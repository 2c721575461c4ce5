/** The file, or the process that a file of `/proc` is of. */
const GONE = ['ENOENT', 'ESRCH'];

/**
 * What is read of a file or folder that another process may take away at any moment: looking first, and reading then, is two looks.
 * @returns undefined where it is not there. @throws whatever else goes wrong.
 */
export const ifThere = <T>(read: () => T): T | undefined => {
  try {
    return read();
  } catch (error) {
    if (GONE.includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
};
