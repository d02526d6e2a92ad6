// Logging in: each credential is shown once, and after a refusal the account is left alone.

import type { AuthContext } from 'ssh2';
import { makeKeyPair } from '../../../demo/ssh-keys.js';
import type { Source, SourceContext } from '../../../src/sources/kind.js';
import { sftp } from '../../../src/sources/sftp/index.js';
import type { SftpOptions } from '../../../src/sources/sftp/schema.js';
import { FakeClock } from '../../fake-clock.js';
import { describeWith } from '../../servers/describe.js';
import { startSftpDouble, type SftpDouble } from '../../servers/sftp-double.js';
import { startSshd } from '../../servers/sshd.js';
import { block, collect, failure, linesOf, sourceConfig, sourceContext, WAITING } from './fixtures.js';

const open: Source[] = [];
let double: SftpDouble | undefined;

afterEach(async () => {
  await Promise.all(open.splice(0).map((created) => created.close()));
  await double?.stop();
  double = undefined;
});

async function source(server: SftpDouble, changes: Partial<SftpOptions>, context: SourceContext = sourceContext()): Promise<Source> {
  const { key: _withPassword, ...rest } = block;
  const options: SftpOptions = { ...rest, port: server.port, password: 'correct horse', host_key: server.fingerprint, ...changes };
  const created = await sftp.create(sourceConfig(options), context);
  open.push(created);
  return created;
}

/** Takes one password; says that it would take others ways in, too. */
function onlyPassword(password: string, ...methods: ('password' | 'keyboard-interactive' | 'publickey')[]) {
  return (attempt: AuthContext) => {
    if (attempt.method === 'password' && attempt.password === password) attempt.accept();
    else attempt.reject(methods.length > 0 ? methods : ['password']);
  };
}

describe('a login', () => {
  test('shows a password once, although the server would be asked in two ways', async () => {
    double = await startSftpDouble({ login: onlyPassword('another', 'password', 'keyboard-interactive') });

    const error = await failure(await source(double, {}));

    expect(error).toMatchObject({ phase: 'login', errorClass: 'auth' });
    expect(error.message).not.toContain('correct horse');
    expect(double.logins).toEqual(['password']);
  });

  test('answers a dialogue where that is the only way, and only once', async () => {
    const answers: (string[] | undefined)[] = [];
    const ask = (attempt: AuthContext, left: number) => {
      if (attempt.method !== 'keyboard-interactive') return attempt.reject(['keyboard-interactive']);
      attempt.prompt([{ prompt: 'Password: ', echo: false }], (given) => {
        answers.push(given);
        if (left === 0) attempt.accept();
        else ask(attempt, left - 1);
      });
    };
    double = await startSftpDouble({ login: (attempt) => ask(attempt, 0) });
    const taken = await collect(await source(double, {}));
    await double.stop();
    double = await startSftpDouble({ login: (attempt) => ask(attempt, 1) });
    const error = await failure(await source(double, {}));

    expect(linesOf(WAITING, taken)).toHaveLength(2);
    expect(error).toMatchObject({ phase: 'login', errorClass: 'auth' });
    expect(answers).toEqual([['correct horse'], ['correct horse']]);
  });

  test('says which ways in the server takes, where there is nothing to show it', async () => {
    double = await startSftpDouble({ login: (attempt) => attempt.reject(['publickey', 'hostbased']) });

    const error = await failure(await source(double, {}));

    expect(error).toMatchObject({ phase: 'login', errorClass: 'auth' });
    expect(error.message).toMatch(/it takes publickey, hostbased$/);
    expect(double.logins).toEqual([]);
  });

  test('is not tried again after a refusal, until the pause is over', async () => {
    const clock = new FakeClock('2026-11-23T08:00:00Z');
    double = await startSftpDouble({ login: onlyPassword('another') });
    const mine = await source(double, {}, { ...sourceContext(), clock });

    await failure(mine);
    const paused = await failure(mine);
    await clock.advance(5 * 60_000);
    await failure(mine);

    expect(paused).toMatchObject({ phase: 'login', errorClass: 'auth' });
    expect(paused.message).toContain('no login before 2026-11-23T08:05:00.000Z');
    expect(double.logins).toHaveLength(2);
  });

  test('is tried at once with another password, also over a reload', async () => {
    double = await startSftpDouble({ login: onlyPassword('right') });
    const before = await source(double, { password: 'wrong' });
    await failure(before);

    const after = await source(double, { password: 'right' }, { ...sourceContext(), handover: await before.close() });
    const found = await collect(after);

    expect(linesOf(WAITING, found)).toHaveLength(2);
  });

  test('counts as refused where the server leaves without a word after it has refused a key', async () => {
    double = await startSftpDouble({
      login: (attempt) => (attempt.method === 'password' ? double?.disconnect() : attempt.reject(['publickey', 'password'])),
    });
    const mine = await source(double, { key: makeKeyPair().private });

    const first = await failure(mine);
    const second = await failure(mine);

    expect(first).toMatchObject({ phase: 'login', errorClass: 'auth' });
    expect(second.message).toContain('no login before');
  });
});

describeWith(['sshd'], 'a login at OpenSSH', () => {
  test('tries the next key where the server refuses the first', async () => {
    const sshd = await startSshd();
    try {
      const found = await sftp.create(
        sourceConfig({
          ...block,
          port: sshd.port,
          user: sshd.user,
          key: { file: sshd.strangerKey },
          next_key: { file: sshd.userKey },
          host_key: sshd.fingerprint,
          directories: [{ path: sshd.files, flow: 'cotisations', stage: 'received' }],
        }),
        sourceContext(),
      );
      open.push(found);

      expect(linesOf(WAITING, await collect(found))).toHaveLength(1);
    } finally {
      await Promise.all(open.splice(0).map((created) => created.close()));
      await sshd.remove();
    }
  });
});
