// SSH servers as endpoints.

import { addressOf, formatAddress } from '../endpoints/address.js';
import { Pattern } from '../endpoints/pattern.js';
import type { ProbeRun } from '../endpoints/prober.js';
import { createEndpoints } from '../endpoints/source.js';
import type { Source, SourceConfig, SourceContext } from '../kind.js';
import { expectedHostKeys } from '../ssh-trust/host-key.js';
import { OpenedKeys } from '../ssh-trust/private-key.js';
import { DEFAULT_PORT } from './check.js';
import type { Account } from './credentials.js';
import { failuresOf } from './failures.js';
import { visit, type Target } from './probe.js';
import type { EndpointOptions, LoginOptions, SshOptions } from './schema.js';

export async function create(source: SourceConfig<SshOptions>, context: SourceContext): Promise<Source> {
  const warnings = new Map<string, string>();
  const keys = new OpenedKeys();
  const endpoints = await createEndpoints<EndpointOptions>(source, context, (endpoint, name) => {
    const address = addressOf(endpoint.address, DEFAULT_PORT);
    const shown = formatAddress(address);
    const ip = endpoint.ip ?? source.options.ip;
    const { login, expect } = endpoint;
    const banner = expect?.banner === undefined ? undefined : new Pattern(expect.banner);
    const read = async (run: ProbeRun): Promise<Target> => ({
      address: { ...address, ip },
      hostKeys: await expectedHostKeys(endpoint.host_key, address, (path) => context.resolvePath(path)),
      banner,
      refusedAlgorithms: expect?.no_algorithms ?? [],
      account: login && (await readAccount(login, context, keys, run)),
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
  return { ...endpoints, warnings: () => [...(endpoints.warnings?.() ?? []), ...warnings.values()] };
}

function warningOf(name: string, address: string, unknown: readonly string[]): string {
  const mend = 'ask whose they are, over another channel, and add them to host_key: the server may soon show one of them';
  return `${name}: ${address} announces host keys that are not expected (${unknown.join(', ')}); ${mend}`;
}

/** Read at each probe, so that rotated credentials are picked up. @throws SourceError of class `secret` */
async function readAccount({ user, ...secrets }: LoginOptions, context: SourceContext, keys: OpenedKeys, run: ProbeRun): Promise<Account> {
  const key = secrets.key && (await context.readSecret(secrets.key));
  const passphrase = secrets.passphrase && (await context.readSecret(secrets.passphrase));
  const password = secrets.password && (await context.readSecret(secrets.password));
  for (const secret of [key, passphrase, password]) if (secret !== undefined) run.hide(secret);
  return {
    user,
    key: key === undefined ? undefined : keys.open(key, passphrase),
    password,
    credential: JSON.stringify([key, password]),
  };
}
