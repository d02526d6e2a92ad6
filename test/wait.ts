// Waiting for a condition with a limit, in place of sleeping.

/**
 * Waits until the condition gives something truthy, and returns it.
 * @param everyMs how often it is asked; seldom for what takes minutes
 * @throws the condition's last error, or one that says that the limit has passed
 */
export async function until<T>(condition: () => T | Promise<T>, limitMs = 10_000, everyMs = 10): Promise<NonNullable<Awaited<T>>> {
  const end = performance.now() + limitMs;
  let lastError: unknown;
  for (;;) {
    try {
      const value = await condition();
      if (value) return value;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    if (performance.now() > end) throw lastError ?? new Error(`not so within ${limitMs} ms: ${String(condition)}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
