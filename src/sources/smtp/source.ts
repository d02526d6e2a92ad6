// Mail servers as a source: from the greeting to what they would take, and no further.

import { addressLiteral, addressOf } from '../endpoints/address.js';
import { Conversation } from '../endpoints/conversation.js';
import { dial } from '../endpoints/dial.js';
import { DIAL_FAILURES, failuresOf } from '../endpoints/failures.js';
import type { Prober, ProbeRun } from '../endpoints/prober.js';
import { ProbeError, type Failure } from '../endpoints/reasons.js';
import { createEndpoints } from '../endpoints/source.js';
import { TLS_FAILURES, TrustStore, type Trust } from '../endpoints/tls.js';
import type { Source, SourceConfig, SourceContext } from '../kind.js';
import { logIn, type Login } from './login.js';
import type { Extensions } from './replies.js';
import type { EndpointOptions, SmtpOptions } from './schema.js';
import { Session, unexpected } from './session.js';

/** What may come for one line of the server. */
const MAX_BYTES = 65_536;

export async function create(source: SourceConfig<SmtpOptions>, context: SourceContext): Promise<Source> {
  const trusts = new TrustStore(context);
  return await createEndpoints(source, context, (endpoint) => proberOf(endpoint, source.options, context, trusts));
}

function proberOf(endpoint: EndpointOptions, options: SmtpOptions, context: SourceContext, trusts: TrustStore): Prober {
  const { address, ip = options.ip, encryption = 'starttls', login } = endpoint;
  const { host, port } = addressOf(address);

  const probe = async (run: ProbeRun) => {
    const credentials = login && { user: login.user, password: await context.readSecret(login.password) };
    const trust = encryption === 'none' ? undefined : await trusts.read(endpoint.tls);
    for (const text of [credentials?.password, credentials?.user, endpoint.envelope?.from, endpoint.envelope?.to]) {
      if (text !== undefined) run.hide(text);
    }
    const socket = await dial({ host, port, ip }, run);
    const conversation = new Conversation(socket, { encoding: 'utf8', lines: true, maxBytes: MAX_BYTES }, run);
    try {
      await new SmtpProbe(endpoint, new Session(conversation, run), run).ask(host, trust, credentials);
    } finally {
      conversation.close();
    }
  };
  return {
    protocol: 'smtp',
    host,
    address,
    failures: failures(endpoint),
    ...(login && { account: `smtp ${login.user}@${address}` }),
    probe,
  };
}

class SmtpProbe {
  readonly #endpoint: EndpointOptions;
  readonly #session: Session;
  readonly #run: ProbeRun;

  constructor(endpoint: EndpointOptions, session: Session, run: ProbeRun) {
    this.#endpoint = endpoint;
    this.#session = session;
    this.#run = run;
  }

  /** @param trust undefined where nothing is to be secured */
  async ask(host: string, trust: Trust | undefined, login: Login | undefined): Promise<void> {
    const { encryption, ehlo } = this.#endpoint;
    const session = this.#session;
    if (trust && encryption === 'implicit') await session.conversation.secure(host, trust);
    await session.greeting();
    const name = ehlo ?? addressLiteral(session.conversation.socket);
    const plain = await session.hello(name);
    const isSecured = trust !== undefined && (encryption === 'implicit' || (await this.#startTls(host, trust, plain)));
    const extensions = isSecured && encryption !== 'implicit' ? await session.hello(name) : plain;
    this.#judge(plain, extensions);
    if (login) {
      if (!isSecured) throw new ProbeError('tls', 'no password is sent over a connection that is not secured', 'tls');
      await logIn(login, extensions, session, this.#run);
    }
    await this.#offerMail();
    this.#run.say('sent: QUIT');
    session.conversation.leave('QUIT\r\n');
  }

  /** RFC 3207. @returns whether the connection is secured now */
  async #startTls(host: string, trust: Trust, extensions: Extensions): Promise<boolean> {
    if (!extensions.has('STARTTLS')) {
      if (this.#endpoint.encryption === 'optional') return false;
      throw new ProbeError('tls', 'it does not offer STARTTLS', 'tls');
    }
    await this.#session.expect(220, { line: 'STARTTLS' });
    await this.#session.conversation.secure(host, trust);
    return true;
  }

  /** @param plain what it offers before TLS, where STARTTLS belongs */
  #judge(plain: Extensions, extensions: Extensions): void {
    const { extensions: wanted = [], size_at_least: least } = this.#endpoint.expect ?? {};
    const offers = (keyword: string) => (keyword === 'STARTTLS' ? plain : extensions).has(keyword);
    const missing = wanted.filter((keyword) => !offers(keyword.toUpperCase()));
    if (missing.length > 0) throw new ProbeError('answer', `it does not offer ${missing.join(', ')}`);
    // RFC 1870, section 4: 0 and none are no limit.
    const limit = Number(extensions.get('SIZE')?.[0] ?? 0);
    if (least !== undefined && limit > 0 && limit < least) {
      throw new ProbeError('answer', `it takes mails of ${limit} bytes at most, not of ${least}`);
    }
  }

  /** Whether it would take a mail; it is taken back before there is one. */
  async #offerMail(): Promise<void> {
    const { envelope } = this.#endpoint;
    if (!envelope) return;
    const session = this.#session;
    await session.expect(250, { line: `MAIL FROM:<${envelope.from}>`, name: 'MAIL FROM', isPrivate: true });
    const order = { line: `RCPT TO:<${envelope.to}>`, name: 'RCPT TO', isPrivate: true };
    const reply = await session.order(order);
    // 251: it forwards the mail (RFC 5321, section 4.2.3).
    if (reply.code !== 250 && reply.code !== 251) throw unexpected(order, reply);
    await session.expect(250, { line: 'RSET' });
  }
}

function failures({ encryption, login }: EndpointOptions): readonly Failure[] {
  const secured = encryption !== 'none';
  const broken = ['timeout', 'reset', ...(secured ? (['tls'] as const) : [])] as const;
  const reply = [...broken, 'protocol', 'too_large'] as const;
  return [
    ...DIAL_FAILURES,
    ...(secured ? [...TLS_FAILURES, ...failuresOf('tls', 'protocol')] : []),
    ...failuresOf('greeting', ...reply, 'greeting'),
    ...failuresOf('send', ...broken),
    ...failuresOf('wait', ...reply, 'status', 'answer'),
    ...(login ? failuresOf('login', ...reply, 'status', 'auth') : []),
  ];
}
