// What is wrong with URLs and proxies of the YAML.

import type { ConfigPath, Problem } from '../kind.js';
import type { ProxyOptions } from './schema-request.js';
import { withoutValues } from './request-url.js';

/** @param path where the URL stands */
export function urlProblems(text: string, path: ConfigPath, credentials: string): Problem[] {
  if (/^https?:\/\/[^/?#]*\$\{/i.test(text)) {
    return [{ path, message: 'the host is no place for ${…}: who chooses it would choose where secrets go; name the host' }];
  }
  const url = URL.parse(withoutValues(text));
  if (!url) return [{ path, message: 'no valid URL; e.g. https://partner.example.org/health' }];
  if (url.username === '' && url.password === '') return [];
  return [{ path, message: `holds a user or a password: move them to ${credentials}` }];
}

export function proxyProblems(proxy: ProxyOptions | undefined): Problem[] {
  if (proxy === undefined || proxy === false) return [];
  const problems = urlProblems(proxy.url, ['proxy', 'url'], 'user and password of the proxy');
  const { pathname, search } = URL.parse(proxy.url) ?? { pathname: '/', search: '' };
  if (problems.length === 0 && (pathname !== '/' || search !== '')) {
    problems.push({ path: ['proxy', 'url'], message: 'a proxy has no path; e.g. http://proxy.example.org:3128' });
  }
  if ((proxy.user === undefined) !== (proxy.password === undefined)) {
    const [has, lacks] = proxy.user === undefined ? ['password', 'user'] : ['user', 'password'];
    problems.push({ path: ['proxy'], message: `\`${has}\` without \`${lacks}\`: a login is both` });
  }
  return problems;
}
