// Endpoints over TLS as a source: the handshake, and what it shows.

import type { TLSSocket } from 'node:tls';
import { addressOf } from '../endpoints/address.js';
import { Conversation } from '../endpoints/conversation.js';
import { dial, settled } from '../endpoints/dial.js';
import { DIAL_FAILURES, failuresOf } from '../endpoints/failures.js';
import type { Prober, ProbeRun } from '../endpoints/prober.js';
import { ProbeError, type Failure } from '../endpoints/reasons.js';
import { createEndpoints } from '../endpoints/source.js';
import { tlsProblem } from '../endpoints/tls-errors.js';
import { handshake, TLS_FAILURES, TrustStore, type TlsOptions } from '../endpoints/tls.js';
import type { Source, SourceConfig, SourceContext } from '../kind.js';
import { errorCode } from '../system-errors.js';
import { Expectation } from './expectation.js';
import type { EndpointOptions, TlsKindOptions } from './schema.js';
import { askForTls, MAX_BYTES, speaksLines } from './starttls.js';

/** How long a server may take to refuse us after the handshake; one that says nothing accepts us. */
const VERDICT_MS = 1_000;

export async function create(source: SourceConfig<TlsKindOptions>, context: SourceContext): Promise<Source> {
  const trusts = new TrustStore(context);
  return await createEndpoints(source, context, (endpoint) => proberOf(endpoint, source.options, trusts));
}

function proberOf(endpoint: EndpointOptions, options: TlsKindOptions, trusts: TrustStore): Prober {
  const { host, port } = addressOf(endpoint.address);
  const { ip = options.ip, starttls, versions, alpn = [] } = endpoint;
  const expectation = new Expectation(endpoint.expect);
  const tls = tlsOptionsOf(endpoint);

  const probe = async (run: ProbeRun) => {
    const trust = await trusts.read(tls, versions);
    const tcp = await dial({ host, port, ip }, run);
    try {
      if (starttls !== undefined) {
        const conversation = new Conversation(tcp, { encoding: 'latin1', lines: speaksLines(starttls), maxBytes: MAX_BYTES }, run);
        await askForTls(starttls, conversation, run);
        conversation.release();
      }
      const { socket, chain } = await handshake(tcp, host, trust, alpn, run);
      try {
        // Once it is closed, the socket forgets them.
        const seen = { version: socket.getProtocol() ?? '', alpn: socket.alpnProtocol || undefined, chain };
        await accepted(socket, run);
        expectation.judge(seen, run.clock.now());
      } finally {
        socket.destroy();
      }
    } finally {
      tcp.destroy();
    }
  };
  return { protocol: 'tls', host, address: endpoint.address, failures: failures(endpoint, expectation), probe };
}

function tlsOptionsOf({ ca, server_name, certificate, key, passphrase, insecure }: EndpointOptions): TlsOptions {
  return {
    ...(ca !== undefined && { ca }),
    ...(server_name !== undefined && { server_name }),
    ...(certificate !== undefined && { certificate }),
    ...(key !== undefined && { key }),
    ...(passphrase !== undefined && { passphrase }),
    ...(insecure !== undefined && { insecure }),
  };
}

/**
 * Waits until the server has seen our part of the handshake: in TLS 1.3 it says only then that it wants another certificate of ours
 * (RFC 8446, section 4.4.2.4). What it sends first, a ticket for the next session or the answer to our good-bye, tells that it does not.
 * @throws ProbeError `client_certificate`
 */
async function accepted(socket: TLSSocket, run: ProbeRun): Promise<void> {
  if (socket.getProtocol() !== 'TLSv1.3') return;
  // The time of the handshake is told; this is not part of it.
  run.watch.stop();
  const enough = new AbortController();
  const timer = run.clock.after(VERDICT_MS, () => enough.abort());
  try {
    await settled<void>(AbortSignal.any([enough.signal, run.signal]), (done, fail) => {
      socket.once('session', () => done()).once('end', () => done());
      socket.once('close', () => done());
      socket.once('error', (error) => {
        const problem = tlsProblem(errorCode(error));
        if (problem?.reason === 'client_certificate') fail(new ProbeError(problem.reason, problem.detail));
        else done();
      });
      socket.resume().end();
    });
  } catch (error) {
    // A server that says nothing has nothing against us.
    if (!enough.signal.aborted || run.signal.aborted) throw error;
  } finally {
    timer.cancel();
  }
}

function failures({ starttls }: EndpointOptions, expectation: Expectation): readonly Failure[] {
  const talk = ['timeout', 'reset', 'too_large'] as const;
  return [
    ...DIAL_FAILURES,
    ...(starttls === undefined
      ? []
      : [
          ...(speaksLines(starttls) ? failuresOf('greeting', ...talk, 'greeting') : []),
          ...failuresOf('send', 'timeout', 'reset'),
          ...failuresOf('wait', ...talk, 'answer', 'protocol'),
          ...failuresOf('tls', 'protocol'),
        ]),
    ...TLS_FAILURES,
    ...expectation.failures,
  ];
}
