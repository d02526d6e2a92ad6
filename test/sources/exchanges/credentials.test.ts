// What is said of credentials while nobody can log in.

import { AccountGuard, LoginPaused } from '../../../src/sources/login-guard.js';
import { MemoryRecord } from '../../records.js';
import { Rig } from './rig.js';

const directories = [{ path: '/in', flow: 'cotisations', stage: 'received' }];

describe('credentials', () => {
  test('expire when the YAML says', async () => {
    const one = new Rig({ directories, credential_expires: { key: '2027-03-01', password: '2026-12-24' } });

    expect(await one.look('credentials')).toEqual([
      'vigie_credential_expiry_timestamp_seconds{source="inbox",kind="files",credential="key"} 1803859200',
      'vigie_credential_expiry_timestamp_seconds{source="inbox",kind="files",credential="password"} 1798070400',
    ]);
  });

  test('are paused after a refusal, which is told while each directory fails for it', async () => {
    const one = new Rig({ directories });
    const guard = new AccountGuard(new MemoryRecord(), one.clock);
    Object.assign(one.access, { loggedIn: guard });
    await guard.attempt('wrong', AbortSignal.timeout(1000), (verdict) => Promise.resolve(verdict(false)));
    one.failure = new LoginPaused(guard.state.retryAt);

    const error = await one.failed('/in');

    expect([error.phase, error.errorClass]).toEqual(['login', 'auth']);
    expect(await one.look('credentials')).toEqual([
      'vigie_login_paused{source="inbox",kind="files",account="inbox"} 1',
      'vigie_login_rejections{source="inbox",kind="files",account="inbox"} 1',
      `vigie_login_retry_timestamp_seconds{source="inbox",kind="files",account="inbox"} ${guard.state.retryAt / 1000}`,
    ]);
  });

  test('have no collector where there is nothing to say of them', async () => {
    const one = new Rig({ directories });
    await one.look();

    expect(one.source?.collectors.map(({ name }) => name)).toEqual(['/in']);
  });
});
