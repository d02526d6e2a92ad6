// A stand-in for an exporter's process that behaves as the first argument says; it speaks the protocol of the fleet over IPC.

const [behaviour = 'listen', text = ''] = process.argv.slice(2);

function say(message: object): void {
  process.send?.(message);
}

function listen(answer: (() => object) | undefined): void {
  process.on('message', () => {
    if (answer) say(answer());
  });
  process.on('disconnect', () => process.exit(0));
  say({ type: 'listening', url: 'http://127.0.0.1:1/' });
}

let reloads = 0;

const behaviours: Readonly<Record<string, () => void>> = {
  listen: () => listen(() => ({ type: 'reloaded', ok: true })),
  /** Tells on standard error how often it was told to reload. */
  count: () =>
    listen(() => {
      process.stderr.write(`reload ${++reloads}\n`);
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
