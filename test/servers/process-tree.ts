// Servers that fork a process for each connection: found by their parent, since they may leave its process group.

import { readFile } from 'node:fs/promises';

/** Ends or stops a process and everything it started. */
export async function signalTree(pid: number, signal: 'SIGKILL' | 'SIGSTOP'): Promise<void> {
  // Stopped first, so that it starts nothing more while its children are looked for.
  send(pid, 'SIGSTOP');
  const children = await childrenOf(pid);
  send(pid, signal);
  for (const child of children) await signalTree(child, signal);
}

function send(pid: number, signal: 'SIGKILL' | 'SIGSTOP'): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended by itself in the meantime.
  }
}

export async function childrenOf(pid: number | undefined): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return text.split(' ').filter(Boolean).map(Number);
}
