/** Leaves Ctrl-C to a child, which gets it too: it ends in order, and this process waits for it. */
export const leaveInterruptsToChild = (): void =>
  void process.removeAllListeners('SIGINT').on('SIGINT', () => undefined);

/** Takes Ctrl-C over from the process, until `giveBack`; a second one ends the process as ever. */
export const onInterrupt = (): { readonly happened: Promise<void>; giveBack(): void } => {
  const others = process.listeners('SIGINT');
  let interrupt = (): void => undefined;
  const giveBack = (): void => {
    if (!process.listeners('SIGINT').includes(interrupt)) return;
    process.removeListener('SIGINT', interrupt);
    for (const listener of others) process.on('SIGINT', listener);
  };
  const happened = new Promise<void>((resolve) => {
    interrupt = () => {
      giveBack();
      resolve();
    };
  });
  process.removeAllListeners('SIGINT').on('SIGINT', interrupt);
  return { happened, giveBack };
};
