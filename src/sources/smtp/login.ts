// Logging in to a mail server (RFC 4954), guarded against locking the account.

import type { ProbeRun } from '../endpoints/prober.js';
import { ProbeError } from '../endpoints/reasons.js';
import type { Extensions, Reply } from './replies.js';
import { unexpected, type Session } from './session.js';

const ACCEPTED = 235;
const GO_ON = 334;
/** Refusals that are about the order or its circumstances, and say nothing of the password: RFC 4954, section 6, and RFC 5321, section 4.2. */
const NOT_THE_PASSWORD: readonly number[] = [500, 501, 502, 503, 504, 530, 538];

export interface Login {
  readonly user: string;
  readonly password: string;
}

/** @throws ProbeError `auth` where the server refuses the password; LoginPaused */
export async function logIn({ user, password }: Login, extensions: Extensions, session: Session, run: ProbeRun): Promise<void> {
  run.watch.enter('login');
  const mechanisms = extensions.get('AUTH') ?? [];
  const mechanism = (['PLAIN', 'LOGIN'] as const).find((one) => mechanisms.includes(one));
  if (!mechanism) throw new ProbeError('protocol', 'it offers neither AUTH PLAIN nor AUTH LOGIN here');
  const plain = base64(`\0${user}\0${password}`);
  for (const secret of [plain, base64(user), base64(password)]) run.hide(secret);
  await run.guard.attempt(`${user}\0${password}`, run.signal, async (verdict) => {
    const order = { phase: 'login', isPrivate: true } as const;
    const reply =
      mechanism === 'PLAIN'
        ? await session.order({ ...order, line: `AUTH PLAIN ${plain}`, name: 'AUTH PLAIN ***' })
        : await inTwoSteps(user, password, session);
    if (reply.code === ACCEPTED) {
      verdict(true);
      return;
    }
    const isRefusal = reply.code >= 500 && !NOT_THE_PASSWORD.includes(reply.code);
    if (!isRefusal) throw unexpected({ line: `AUTH ${mechanism}` }, reply);
    verdict(false);
    throw new ProbeError('auth', `user and password were answered with ${reply.code}`);
  });
}

/** AUTH LOGIN asks for one after the other: https://datatracker.ietf.org/doc/html/draft-murchison-sasl-login-00 */
async function inTwoSteps(user: string, password: string, session: Session): Promise<Reply> {
  const order = { phase: 'login', isPrivate: true } as const;
  await session.expect(GO_ON, { ...order, line: 'AUTH LOGIN' });
  const reply = await session.order({ ...order, line: base64(user), name: '***' });
  return reply.code === GO_ON ? await session.order({ ...order, line: base64(password), name: '***' }) : reply;
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}
