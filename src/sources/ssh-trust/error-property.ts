// Reads what ssh2 and Node.js add to errors. The errors themselves go nowhere: their texts may hold secrets.

/** A property of an error; undefined where it has none. */
export function property(error: unknown, name: 'code' | 'level' | 'message'): unknown {
  return typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined;
}
