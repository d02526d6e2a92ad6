// What is wrong with a regular expression of the YAML.

/** @returns the reason in the words of the engine; undefined where `compile` does not throw */
export function regexProblem(compile: () => unknown): string | undefined {
  try {
    compile();
    return undefined;
  } catch (error) {
    const reason = error instanceof Error ? error.message.slice(error.message.lastIndexOf(': ') + 2) : String(error);
    return `no valid regular expression: ${reason}`;
  }
}
