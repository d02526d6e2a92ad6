// Endpoints over TCP as a source: a connection, TLS where it is wanted, and the dialogue.

import { addressOf } from '../endpoints/address.js';
import { Conversation } from '../endpoints/conversation.js';
import { dial } from '../endpoints/dial.js';
import { DIAL_FAILURES, failuresOf } from '../endpoints/failures.js';
import type { Prober, ProbeRun } from '../endpoints/prober.js';
import type { Failure } from '../endpoints/reasons.js';
import { createEndpoints } from '../endpoints/source.js';
import { TLS_FAILURES, TrustStore, type TlsOptions } from '../endpoints/tls.js';
import type { Source, SourceConfig, SourceContext } from '../kind.js';
import { Dialogue } from './dialogue.js';
import { DEFAULT_MAX_BYTES, type EndpointOptions, type TcpOptions } from './schema.js';
import { loginOf, secretsOf, stepsOf, type Step } from './steps.js';

const LINE_ENDS = { crlf: '\r\n', lf: '\n', none: '' } as const;

export async function create(source: SourceConfig<TcpOptions>, context: SourceContext): Promise<Source> {
  const trusts = new TrustStore(context);
  return await createEndpoints(source, context, (endpoint, name) => proberOf(endpoint, name, source, context, trusts));
}

function proberOf(
  endpoint: EndpointOptions,
  name: string,
  { options }: SourceConfig<TcpOptions>,
  context: SourceContext,
  trusts: TrustStore,
): Prober {
  const { host, port } = addressOf(endpoint.address);
  const { ip = options.ip, tls, lines = 'crlf', encoding = 'utf8', max_bytes: maxBytes = DEFAULT_MAX_BYTES } = endpoint;
  const steps = stepsOf(endpoint);
  const startsTls = steps.some(({ does }) => does === 'starttls');
  const securesAtOnce = tls !== undefined && !startsTls;
  const tlsOptions: TlsOptions | undefined = tls === true ? undefined : tls;

  const probe = async (run: ProbeRun) => {
    const secrets = await Promise.all(steps.flatMap(secretsOf).map((secret) => context.readSecret(secret)));
    for (const secret of secrets) run.hide(secret);
    const trust = securesAtOnce || startsTls ? await trusts.read(tlsOptions) : undefined;
    const socket = await dial({ host, port, ip }, run);
    const conversation = new Conversation(socket, { encoding, lines: lines !== 'none', maxBytes }, run);
    try {
      if (trust && securesAtOnce) await conversation.secure(host, trust);
      const lineEnd = LINE_ENDS[lines];
      await new Dialogue({ steps, lineEnd, encoding, secrets, tls: trust && { host, trust } }, conversation, run).hold();
    } finally {
      conversation.close();
    }
  };
  return {
    protocol: 'tcp',
    host,
    address: endpoint.address,
    failures: failures(steps, securesAtOnce || startsTls),
    // Each endpoint has its own, since nobody knows whose secret it is.
    ...(loginOf(steps) && { account: `tcp ${endpoint.address} ${name}` }),
    probe,
  };
}

function failures(steps: readonly Step[], secured: boolean): readonly Failure[] {
  const login = loginOf(steps);
  const broken = ['timeout', 'reset', ...(secured ? (['tls'] as const) : [])] as const;
  const firstSend = steps.findIndex(({ does }) => does === 'send' || does === 'send_hex');
  const phaseOf = ({ does }: Step, index: number) => {
    if (does === 'starttls') return undefined;
    if (login && index >= login.first && index <= login.last) return 'login';
    if (does !== 'expect') return 'send';
    return firstSend < 0 || index < firstSend ? 'greeting' : 'wait';
  };
  const phases = new Set(steps.map(phaseOf));
  return [
    ...DIAL_FAILURES,
    ...(secured ? [...TLS_FAILURES, ...failuresOf('tls', 'protocol')] : []),
    ...(phases.has('greeting') ? failuresOf('greeting', ...broken, 'answer', 'too_large') : []),
    ...(phases.has('login') ? failuresOf('login', ...broken, 'auth') : []),
    ...(phases.has('send') ? failuresOf('send', ...broken) : []),
    ...(phases.has('wait') ? failuresOf('wait', ...broken, 'answer', 'too_large') : []),
  ];
}
