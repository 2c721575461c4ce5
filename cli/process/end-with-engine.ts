import { connect } from 'node:net';

const LOOK_EVERY_MS = 1_000;
const ADDRESS = /^(127\.0\.0\.1):(\d+)$/;

/** Ends this process when nothing answers at the engine's address any more: an engine that is killed ends no plugin. */
export const endWithEngine = (engineAddress: string): void => {
  const [, host, port] = ADDRESS.exec(engineAddress) ?? [];
  if (host === undefined) return;
  setInterval(() => {
    const socket = connect(Number(port), host, () => socket.destroy());
    socket.once('error', () => process.exit(0));
  }, LOOK_EVERY_MS).unref();
};
