// How Grafana finds Prometheus and the dashboards when it starts. https://grafana.com/docs/grafana/latest/administration/provisioning/

import { stringify } from 'yaml';
import { yamlHeader, type RenderedFile } from '../domain/rendered.js';

const SOURCE = 'dashboards/provisioning.ts';

/**
 * Where the dot of a message leads, by the label of its exemplar. The addresses are variables of Grafana's environment, so that nobody edits
 * what is rendered; of two dollars Grafana leaves one.
 */
const exemplarTraceIdDestinations = [
  { name: 'correlation_id', url: '${VIGIE_LOG_STORE_URL}$${__value.raw}', urlDisplayLabel: 'Lines in the log store' },
  { name: 'trace_id', url: '${VIGIE_TRACES_URL}$${__value.raw}', urlDisplayLabel: 'Trace' },
];

const datasources = {
  apiVersion: 1,
  datasources: [
    {
      name: 'Prometheus',
      uid: 'prometheus',
      type: 'prometheus',
      access: 'proxy',
      url: 'http://127.0.0.1:9090',
      isDefault: true,
      jsonData: { httpMethod: 'POST', timeInterval: '15s', exemplarTraceIdDestinations },
    },
  ],
};

const dashboards = {
  apiVersion: 1,
  providers: [
    {
      name: 'vigie',
      folder: 'Vigie',
      type: 'file',
      // Dashboards are code: an edit in the browser would be lost, so Grafana is not to offer it.
      allowUiUpdates: false,
      options: { path: '/etc/grafana/dashboards' },
    },
  ],
};

export function renderProvisioning(): RenderedFile[] {
  return [
    { path: 'grafana/provisioning/datasources/prometheus.yml', content: yamlHeader(SOURCE) + stringify(datasources) },
    {
      path: 'grafana/provisioning/dashboards/vigie.yml',
      content: `${yamlHeader(SOURCE)}# Mount grafana/dashboards at the path below.\n${stringify(dashboards)}`,
    },
  ];
}
