// SSH servers as endpoints.

import { formatAddress, parseAddress } from '../endpoints/address.js';
import type { ProbeRun } from '../endpoints/prober.js';
import { createEndpoints } from '../endpoints/source.js';
import type { Source, SourceConfig, SourceContext } from '../kind.js';
import { expectedHostKeys } from '../ssh-trust/host-key.js';
import { usableKey } from '../ssh-trust/private-key.js';
import { DEFAULT_PORT } from './check.js';
import type { Account } from './credentials.js';
import { failuresOf } from './failures.js';
import { visit, type Target } from './probe.js';
import type { EndpointOptions, LoginOptions, SshOptions } from './schema.js';

export async function create(source: SourceConfig<SshOptions>, context: SourceContext): Promise<Source> {
  const warnings = new Map<string, string>();
  const endpoints = await createEndpoints<EndpointOptions>(source, context, (endpoint, name) => {
    const address = parseAddress(endpoint.address, DEFAULT_PORT) ?? { host: endpoint.address, port: DEFAULT_PORT };
    const shown = formatAddress(address);
    const ip = endpoint.ip ?? source.options.ip;
    const { login, expect } = endpoint;
    const banner = expect?.banner === undefined ? undefined : new RegExp(expect.banner);
    const read = async (run: ProbeRun): Promise<Target> => ({
      address: { ...address, ip },
      hostKeys: await expectedHostKeys(endpoint.host_key, address, (path) => context.resolvePath(path)),
      banner,
      refusedAlgorithms: expect?.no_algorithms ?? [],
      account: login && (await readAccount(login, context, run)),
    });
    return {
      protocol: 'ssh',
      host: address.host,
      address: shown,
      failures: failuresOf(login !== undefined),
      ...(login && { account: `${login.user}@${shown}` }),
      probe: async (run) => {
        const unknown = await visit(await read(run), run);
        if (unknown === undefined || unknown.length === 0) warnings.delete(name);
        else warnings.set(name, warningOf(name, shown, unknown));
      },
    };
  });
  return { ...endpoints, warnings: () => [...warnings.values()] };
}

function warningOf(name: string, address: string, unknown: readonly string[]): string {
  const mend = 'ask whose they are, over another channel, and add them to host_key: the server may soon show one of them';
  return `${name}: ${address} announces host keys that are not expected (${unknown.join(', ')}); ${mend}`;
}

/** Read at each probe, so that rotated credentials are picked up. @throws SourceError of class `secret` */
async function readAccount({ user, ...secrets }: LoginOptions, context: SourceContext, run: ProbeRun): Promise<Account> {
  const key = secrets.key && (await context.readSecret(secrets.key));
  const passphrase = secrets.passphrase && (await context.readSecret(secrets.passphrase));
  const password = secrets.password && (await context.readSecret(secrets.password));
  for (const secret of [key, passphrase, password]) if (secret !== undefined) run.hide(secret);
  if (key !== undefined) usableKey(key, passphrase);
  return { user, key, passphrase, password };
}
