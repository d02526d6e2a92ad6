// How a command that has worked with sources comes to its end: not before it is done, and soon afterwards.

const EXIT_LIMIT_MS = 500;

/** Does the work although nothing else keeps the process alive meanwhile (pending timers do not), and ends the process afterwards. */
export async function toTheEnd<T>(work: () => Promise<T>): Promise<T> {
  const alive = setInterval(() => {}, 60_000);
  try {
    return await work();
  } finally {
    clearInterval(alive);
    endSoon();
  }
}

/** Ends the process once the command is done, even where a source that hangs keeps something open. */
export function endSoon(): void {
  if (process.connected) process.disconnect();
  setTimeout(() => process.exit(), EXIT_LIMIT_MS).unref();
}

/** Writes to standard output, and waits until whoever reads has taken it all. */
export function print(text: string): Promise<void> {
  return new Promise((resolve) => process.stdout.write(text, () => resolve()));
}
