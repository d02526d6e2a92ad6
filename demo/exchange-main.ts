// The demo exchange as a process of its own. It ends on SIGTERM, with the process that started it, or, alone in a terminal, on Ctrl-C.

import { once } from 'node:events';
import { systemClock } from '../src/domain/clock.js';
import { createLogger } from '../src/log.js';
import { ExchangeError, startExchange } from './exchange.js';
import { DemoError, readDemoOptions, USAGE } from './options.js';

async function main(args: readonly string[]): Promise<number> {
  const options = readDemoOptions(args);
  if (!options) {
    process.stdout.write(USAGE);
    return 0;
  }
  const stop = stopRequest();
  // A starter says itself what is to be told; alone, the log says it.
  const logger = createLogger({ source: 'demo' }, process.send ? 'warn' : 'info');
  const exchange = await startExchange({ ...options, clock: systemClock, logger });
  process.send?.('ready');
  const alive = setInterval(() => {}, 60_000);
  await stop;
  clearInterval(alive);
  await exchange.stop();
  return 0;
}

async function stopRequest(): Promise<void> {
  const requests = [once(process, 'SIGTERM')];
  if (process.send) {
    requests.push(once(process, 'disconnect'));
    // Ctrl-C reaches the whole group: the starter stops the fleet first, so that it does not see the exchange go.
    process.on('SIGINT', () => {});
    process.on('SIGHUP', () => {});
  } else {
    requests.push(once(process, 'SIGINT'));
  }
  await Promise.race(requests);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof DemoError || error instanceof ExchangeError || isPortInUse(error))) throw error;
  process.stderr.write(`demo: ${error.message}\n`);
  process.exitCode = 1;
}
if (process.connected) process.disconnect();

function isPortInUse(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
}
