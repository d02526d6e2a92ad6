// The first word of the command line.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';

const VIGIE = join(import.meta.dirname, '..', '..', 'src', 'main.js');
const run = promisify(execFile);

function vigie(...args: string[]) {
  return run(process.execPath, [VIGIE, ...args]);
}

describe('vigie', () => {
  test('lists its commands', async () => {
    const { stdout } = await vigie('help');

    for (const name of ['exporter', 'catalog', 'fleet', 'check', 'try', 'render', 'new']) {
      expect(stdout).toMatch(new RegExp(`^  ${name} +[A-Z].*\\.$`, 'm'));
    }
  });

  test('does not mind a reader that leaves before the end', async () => {
    const child = spawn(process.execPath, [VIGIE, 'help'], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    let errors = '';
    child.stderr.on('data', (data: Buffer) => (errors += data.toString()));

    const [code] = await once(child, 'close');

    expect([code, errors]).toEqual([0, '']);
  });

  test('tells its version', async () => {
    const { stdout } = await vigie('--version');

    expect(stdout).toMatch(/^vigie \d+\.\d+\.\d+\n$/);
  });

  test.each([
    ['flet', 'vigie: no command "flet" (is it "fleet"?)\n'],
    ['toString', expect.stringMatching(/^vigie: no command "toString" \(there is: /)],
    ['__proto__', expect.stringMatching(/^vigie: no command "__proto__" \(there is: /)],
  ])('refuses %s, which is no command', async (name, stderr) => {
    await expect(vigie(name)).rejects.toMatchObject({ code: 2, stdout: '', stderr });
  });
});
