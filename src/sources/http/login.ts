// How a request logs in: by a header that is the same each time, by a token that is fetched, or by secrets in its body.

import type { Secret } from '../../domain/secret.js';
import type { ProbeRun } from '../endpoints/prober.js';
import type { SourceContext } from '../kind.js';
import type { LoginGuard } from '../login-guard.js';
import type { OAuthClient } from './oauth2.js';
import type { AuthOptions } from './schema-request.js';
import { namesIn, type Values } from './template.js';
import type { EndpointOptions, StepOptions } from './schema.js';

/** What is sent to prove who we are. */
export interface Credential {
  /** Value of the header `authorization`; undefined where the secrets are in the body. */
  readonly header: string | undefined;
  /** What a guard tells it by; undefined where the guard has been asked already, by who fetched the token. */
  readonly secret: string | undefined;
  /** After a 401: whether to try again with another one. */
  readonly refuse?: () => boolean;
}

export interface Login {
  /** Who logs in. */
  readonly account: string;
  read(run: ProbeRun, guard: LoginGuard, values: Values): Promise<Credential>;
}

type Read = SourceContext['readSecret'];

/** @param oauth asked where the YAML names OAuth2 */
export function loginOf(step: StepOptions, values: EndpointOptions['values'], read: Read, oauth: () => OAuthClient): Login | undefined {
  const { auth, body, url } = step;
  const { origin } = new URL(url.replaceAll('$', '_'));
  if (auth) return headerLogin(auth, origin, read, oauth);
  const secrets = secretsOf(body, values);
  if (secrets.length === 0) return undefined;
  return {
    account: `body ${JSON.stringify(secrets)}@${origin}`,
    read: async () => {
      const texts = await Promise.all(secrets.map((secret) => read(secret)));
      return { header: undefined, secret: JSON.stringify(texts) };
    },
  };
}

function headerLogin(auth: AuthOptions, origin: string, read: Read, oauth: () => OAuthClient): Login {
  if ('oauth2' in auth) {
    const client = oauth();
    return {
      account: client.account,
      read: async (run, guard) => {
        const token = await client.token(run, guard);
        return { header: `Bearer ${token}`, secret: undefined, refuse: () => client.refuse(token, run) };
      },
    };
  }
  if ('bearer' in auth) {
    return {
      account: `bearer ${JSON.stringify(auth.bearer)}@${origin}`,
      read: async (run) => {
        const token = await read(auth.bearer);
        run.hide(token);
        return { header: `Bearer ${token}`, secret: token };
      },
    };
  }
  return {
    account: `${auth.user}@${origin}`,
    read: async (run) => {
      const password = await read(auth.password);
      run.hide(password);
      return { header: `Basic ${Buffer.from(`${auth.user}:${password}`).toString('base64')}`, secret: password };
    },
  };
}

/** The secrets by reference that a body holds: with them somebody logs in. */
function secretsOf(body: StepOptions['body'], values: EndpointOptions['values'] = {}): Secret[] {
  if (body === undefined) return [];
  const named = namesIn(body).flatMap((name) => (Object.hasOwn(values, name) ? (values[name] ?? []) : []));
  const fields = typeof body === 'object' && 'form' in body ? Object.values(body.form) : [];
  return [...named, ...fields].filter((secret) => typeof secret !== 'string');
}
