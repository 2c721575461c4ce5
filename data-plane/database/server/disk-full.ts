/** Says whether words of Postgres, or of a tool, mean a full disk: in the system's words, or of a write that was cut short. */
export const saysDiskFull = (words: string): boolean =>
  /No space left on device|Check free disk space|Disk quota exceeded/.test(words);
