// What is wrong with a regular expression of the YAML.

/** @returns the reason in the words of the engine; undefined where `compile` does not throw */
export function regexProblem(compile: () => unknown): string | undefined {
  try {
    compile();
    return undefined;
  } catch (error) {
    // The engine names the expression too, which people see anyway; other messages begin with the reason.
    const reason = error instanceof Error ? error.message.replace(/^Invalid regular expression: .*: /s, '') : String(error);
    return `no valid regular expression: ${reason}`;
  }
}
