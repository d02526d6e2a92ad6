// Pieces of the texts of alerts: values that are asked for while the text is made, and moments.

/** A label of the alert that is put into a query: `{{ $labels.flow }}`. */
const LABEL = /\{\{ \$labels\.(\w+) \}\}/g;

/**
 * `text` with the first value of a query as its dot; nothing (or `otherwise`) where there is no value. Labels of the alert stand in the
 * query as `{{ $labels.flow }}`, without quotes.
 */
export function asked(query: string, text: string, otherwise?: string): string {
  const labels = [...query.matchAll(LABEL)].map(([, label]) => ` $labels.${label}`).join('');
  const found = `{{ with printf "${query.replaceAll(LABEL, '%q')}"${labels} | query }}{{ with . | first | value }}`;
  const missing = otherwise === undefined ? '' : `{{ else }}${otherwise}`;
  return `${found}${text}${missing}{{ end }}${missing}{{ end }}`;
}

/** The dot, in Unix seconds, as a moment. Templates know no time zone but UTC, so it is named. */
export const moment = `{{ (toTime .).Format "Mon 2 Jan 15:04" }} UTC`;

/** The dot as a whole number. */
export const whole = `{{ . | printf "%.0f" }}`;
