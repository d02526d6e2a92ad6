// Which keys hold secrets: values below them are never shown in a message.

const SECRET_WORDS = new Set([
  'password',
  'passwd',
  'passphrase',
  'pwd',
  'pass',
  'secret',
  'token',
  'webhook',
  'key',
  'apikey',
  'credential',
  'credentials',
  'authorization',
  'cookie',
]);

/** `client_secret`, `apiKey` and `x-token` look like it; `keyboard` does not. */
export function looksSecret(key: string): boolean {
  return key.split(/[^A-Za-z]+|(?<=[a-z])(?=[A-Z])/).some((word) => {
    const lower = word.toLowerCase();
    return SECRET_WORDS.has(lower) || (lower.endsWith('s') && SECRET_WORDS.has(lower.slice(0, -1)));
  });
}

/** Whether a value at this path may be a secret: one of its keys looks so. */
export function underSecret(path: readonly (string | number)[]): boolean {
  return path.some((key) => typeof key === 'string' && looksSecret(key));
}
