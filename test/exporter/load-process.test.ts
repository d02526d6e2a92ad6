// The process that loads the configuration, when its parent is gone before it has done so.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const PROGRAM = join(import.meta.dirname, '..', '..', 'src', 'exporter', 'load-process.js');

test('says nothing where nobody hears it', async () => {
  const loader = spawn(process.execPath, [PROGRAM, 'nowhere.yaml'], { stdio: ['ignore', 'pipe', 'pipe'] });
  loader.stdout.destroy();

  const [said, [code]] = await Promise.all([text(loader.stderr), once(loader, 'exit')]);

  expect({ said, code }).toEqual({ said: '', code: 0 });
});
