// CE12: secrets are read when they are used, and none is ever shown.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSecret } from '../../src/config/secrets.js';
import { SourceError } from '../../src/sources/kind.js';
import { messages } from './load-text.js';

const VARIABLE = 'VIGIE_TEST_SECRET';

describe('a secret', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vigie-secrets-'));
  });
  afterEach(async () => {
    delete process.env[VARIABLE];
    await rm(folder, { recursive: true, force: true });
  });

  test('CE12: in a variable is read at each use, so that a rotated one is picked up', async () => {
    process.env[VARIABLE] = 'first';
    const first = await readSecret({ env: VARIABLE }, folder);
    process.env[VARIABLE] = 'second';

    const second = await readSecret({ env: VARIABLE }, folder);

    expect([first, second]).toEqual(['first', 'second']);
  });

  test('CE12: in a file is read at each use, relative to the file that names it, without its last line end', async () => {
    await writeFile(join(folder, 'password'), 'first\n');
    const first = await readSecret({ file: 'password' }, folder);
    await writeFile(join(folder, 'password'), ' se\ncond \r\n');

    const second = await readSecret({ file: join(folder, 'password') }, '/elsewhere');

    expect([first, second]).toEqual(['first', ' se\ncond ']);
  });

  test('in plain is itself', async () => {
    const plain = await readSecret('for a first try', folder);

    expect(plain).toBe('for a first try');
  });

  test.each([
    ['an unset variable', { env: VARIABLE }, `the environment variable ${VARIABLE} is not set`],
    ['a missing file', { file: 'none' }, 'the secret file none: no such file'],
    ['a folder', { file: '.' }, 'the secret file .: this is a folder, not a file'],
    ['an empty file', { file: 'empty' }, 'the secret file empty is empty'],
    ['a large file', { file: 'large' }, 'the secret file large is larger than 64 KiB: is it the right file?'],
  ])('CE12: that cannot be read names the place and not the content: %s', async (_case, secret, message) => {
    await writeFile(join(folder, 'empty'), '\n');
    await writeFile(join(folder, 'large'), 'x'.repeat(65 * 1024));

    const failure: unknown = await readSecret(secret, folder).catch((error: unknown) => error);

    expect(failure).toBeInstanceOf(SourceError);
    expect(failure).toMatchObject({ phase: 'secret', errorClass: 'secret', message });
  });

  test('an empty variable is as good as none', async () => {
    process.env[VARIABLE] = '';

    await expect(readSecret({ env: VARIABLE }, folder)).rejects.toThrow(`the environment variable ${VARIABLE} is empty`);
  });
});

describe('what is said of a mistake', () => {
  /** Ways to get a secret wrong; each must be reported, and none may quote it. */
  test.each([
    'password: hunter2',
    'password: [hunter2]',
    'password: { hunter2 }',
    'password: { env: hunter2, file: hunter2 }',
    'password: { value: hunter2 }',
    'password: { env: [hunter2] }',
    'password: { env: "hunter2 !" }',
    'password: *hunter2',
    'password: !hunter2 x',
    'password: "\\hunter2"',
    "password: 'hunter2",
    'password: @hunter2',
    'password: {{ hunter2 }}',
    'pass-word: hunter2',
    'title: https://vigie:hunter2@example.org/',
    'path: https://vigie:hunter2@example.org/',
    'path: https://example.org/hook/hunter2',
    'interval: https://example.org/hook?token=hunter2',
    'metrics: https://vigie:hunter2@example.org/',
    'metrics: Server=db;Password=hunter2',
    'interval: Server=db;Password=hunter2',
    'headers: { authorization: Bearer hunter2 }',
    'headers: { authorization: [hunter2] }',
  ])('CE12: quotes nothing of a secret in %s', async (line) => {
    const found = await messages(
      `defaults: { team: flux }\nteams: { flux: { email: a@b } }\nsources:\n  db:\n    kind: fake\n    ${line}\n`,
    );

    expect(found).not.toEqual([]);
    expect(found.join('\n')).not.toContain('hunter2');
  });

  test('CE12: a header is a secret where its name says so', async () => {
    const found = await messages(
      `defaults: { team: flux }\nteams: { flux: { email: a@b } }\nsources:\n  db: { kind: fake, headers: { accept: text/html, x-api-key: abc } }\n`,
    );

    expect(found).toEqual([expect.stringContaining('4:62 warning sources.db.headers.x-api-key: a secret written in plain')]);
  });
});
