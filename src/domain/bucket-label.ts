// How the bound of a bucket is written as the label `le`.

/**
 * As the OpenMetrics specification writes bounds, so that a series keeps its name whoever exports it: 1.0, 0.25, 1e+06. From version 3 on,
 * Prometheus writes them so whichever format it scraped.
 * https://prometheus.io/docs/specs/om/open_metrics_spec/#considerations-canonical-numbers
 */
export function canonicalNumber(value: number): string {
  const [mantissa = '', exponent = ''] = value.toExponential().split('e');
  const magnitude = Number(exponent);
  if (Number.isFinite(value) && (magnitude < -4 || magnitude >= 6)) {
    return `${mantissa}e${magnitude < 0 ? '-' : '+'}${String(Math.abs(magnitude)).padStart(2, '0')}`;
  }
  if (Number.isInteger(value)) return `${value}.0`;
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}
