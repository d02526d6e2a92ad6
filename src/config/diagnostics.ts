// Problems with the YAML: where, what, and what would be right.

export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  /** As the user named it: relative to the working directory where that is shorter. */
  readonly file: string;
  /** Counted from 1, as editors do; columns count UTF-16 code units. */
  readonly line: number;
  readonly column: number;
  /** Dotted path of the place, `flows.factures-tge.calendar`; empty where the file as a whole is meant. */
  readonly path: string;
  /** What is wrong, the value, and what would be right. */
  readonly message: string;
}

/** `exporters.yaml:14:15 error flows.factures-tge.calendar: no calendar "bureau" (is it "bureau-ch"?)` */
export function formatDiagnostic({ file, line, column, severity, path, message }: Diagnostic): string {
  return `${file}:${line}:${column} ${severity}${path ? ` ${path}` : ''}: ${message}`;
}
