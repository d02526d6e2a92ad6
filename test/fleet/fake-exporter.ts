// A stand-in for an exporter's process that behaves as the first argument says; it speaks the protocol of the fleet over IPC.

import type { Configuration, LifeRequest } from '../../src/fleet/messages.js';

type FromFleet = Configuration | LifeRequest;

const [behaviour = 'listen', text = ''] = process.argv.slice(2);

type Answer = (sha: string) => object;

function say(message: object): void {
  process.send?.(message);
}

/** Listens once it has its first configuration; answers further ones as it is told, and all questions whether it is alive. */
function listen(answer: Answer | undefined): void {
  let configured = false;
  process.on('message', (message: FromFleet) => {
    if (message.type === 'alive?') say({ type: 'alive' });
    else if (configured && answer) say(answer(message.config.sha));
    else if (!configured) say({ type: 'listening', url: `http://127.0.0.1:1/${message.config.sha}` });
    configured = true;
  });
  process.on('disconnect', () => process.exit(0));
}

const behaviours: Readonly<Record<string, () => void>> = {
  listen: () => listen(() => ({ type: 'reloaded', ok: true })),
  /** Tells on standard error what it was told to reload. */
  tell: () =>
    listen((sha) => {
      process.stderr.write(`reload ${sha}\n`);
      return { type: 'reloaded', ok: true };
    }),
  refuse: () => listen(() => ({ type: 'reloaded', ok: false, message: text })),
  unanswering: () => listen(undefined),
  /** Runs and never says that it listens. */
  mute: () => void setInterval(() => {}, 1_000),
  deaf: () => {
    process.on('SIGTERM', () => process.stderr.write('deaf\n'));
    listen(undefined);
  },
  die: () => {
    process.stderr.write(`${text}\nlast words`);
    process.exitCode = 3;
    process.disconnect();
  },
};

behaviours[behaviour]?.();
