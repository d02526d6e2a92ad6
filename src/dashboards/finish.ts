// What the Foundation SDK leaves out, and Grafana would otherwise make up on each import: ids of panels and rows, refIds, data sources.

import type { Dashboard, Panel, RowPanel } from '@grafana/grafana-foundation-sdk/dashboard';
import { RENDERED_MARK } from '../domain/rendered.js';

/** Every query asks the data source that the variable `datasource` names. */
export const DATASOURCE = { type: 'prometheus', uid: '${datasource}' } as const;

/** @param source file under src/ to edit; it stands in the description, since JSON has no comments. */
export function finish(dashboard: Dashboard, source: string): object {
  return {
    ...dashboard,
    id: null,
    description: `${dashboard.description ?? ''} (${RENDERED_MARK}${source})`.trim(),
    panels: (dashboard.panels ?? []).map((panel, index) => finishPanel(panel, index + 1)),
  };
}

function finishPanel(panel: Panel | RowPanel, id: number): object {
  if (!('targets' in panel)) return { ...panel, id };
  const targets = (panel.targets ?? []).map((target, index) => ({ ...target, refId: refId(index), datasource: DATASOURCE }));
  return { ...panel, id, datasource: DATASOURCE, targets };
}

/** A, B, …, Z. @throws RangeError beyond: no panel is readable with that many queries */
function refId(index: number): string {
  const letter = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[index];
  if (letter === undefined) throw new RangeError('a panel has at most 26 queries');
  return letter;
}
