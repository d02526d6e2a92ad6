// Every way in which a connection or a listing fails has a class, and no text of a library gets through.

import { connectionError, isEndOfFile, operationError } from '../../../src/sources/sftp/errors.js';

const SECRET = 'hunter2';

function raised(properties: Record<string, unknown>, message = SECRET): Error {
  return Object.assign(new Error(message), properties);
}

describe('an error of the connection', () => {
  test.each([
    [{ code: 'ECONNREFUSED' }, 'refused'],
    [{ code: 'ENOTFOUND' }, 'dns'],
    [{ code: 'EAI_AGAIN' }, 'dns'],
    [{ code: 'EHOSTUNREACH' }, 'unreachable'],
    [{ code: 'ENETUNREACH' }, 'unreachable'],
    [{ code: 'ETIMEDOUT' }, 'timeout'],
    [{ code: 'ECONNRESET', level: 'client-socket' }, 'lost'],
    [{ code: 2 }, 'lost'],
    [{ code: 14 }, 'auth'],
    [{ level: 'client-authentication' }, 'auth'],
    [{ level: 'protocol' }, 'protocol'],
    [{ level: 'handshake' }, 'protocol'],
    [{}, 'lost'],
  ])('%j is of class %s', (properties, errorClass) => {
    const error = connectionError(raised(properties), 'connect', 'sftp.example.org:22');

    expect(error.errorClass).toBe(errorClass);
    expect(error.message).toMatch(/^sftp\.example\.org:22: /);
    expect(error.message).not.toContain(SECRET);
  });

  test('names the algorithms that the two sides lack', () => {
    const error = connectionError(
      raised({ level: 'handshake' }, 'Handshake failed: no matching key exchange algorithm'),
      'connect',
      'old.example.org:22',
    );

    expect(error.message).toBe('old.example.org:22: the server and Vigie have no key exchange algorithm in common');
  });
});

describe('an error of an operation', () => {
  test.each([
    [2, 'not_found'],
    [3, 'permission'],
    [4, 'protocol'],
    [5, 'protocol'],
    [10, 'not_found'],
    [12, 'read_only'],
    [14, 'full'],
    [15, 'full'],
    [6, 'lost'],
    [7, 'lost'],
    [undefined, 'lost'],
  ])('with SFTP status %s is of class %s', (code, errorClass) => {
    const error = operationError(raised(code === undefined ? {} : { code }), { phase: 'write', path: '/in' }, 'sftp.example.org:22');

    expect(error).toMatchObject({ phase: 'write', errorClass });
    expect(error.message).not.toContain(SECRET);
  });

  test('is no error at the end of the directory', () => {
    expect(isEndOfFile(raised({ code: 1 }))).toBe(true);
    expect(isEndOfFile(raised({ code: 4 }))).toBe(false);
  });
});
