// How Grafana finds Prometheus and the dashboards when it starts. https://grafana.com/docs/grafana/latest/administration/provisioning/

import { stringify } from 'yaml';
import { yamlHeader, type RenderedFile } from '../domain/rendered.js';

const SOURCE = 'dashboards/provisioning.ts';

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
      jsonData: { httpMethod: 'POST', timeInterval: '15s' },
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
