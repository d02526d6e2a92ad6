// What is answered to the Accept and Accept-Encoding headers that are really sent.

import { acceptsGzip, chooseFormat } from '../../src/exporter/negotiate.js';

const PROMETHEUS_2 =
  'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';
const PROMETHEUS_3 =
  'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,' +
  'text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2';
const PROMETHEUS_3_PROTOBUF_FIRST =
  'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,' +
  'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,' +
  'text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1';
const PROMETHEUS_3_TEXT_ONLY = 'text/plain;version=0.0.4;q=0.6,*/*;q=0.5';
const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8';

describe('chooseFormat', () => {
  it.each([
    ['Prometheus 2', PROMETHEUS_2, 'openmetrics'],
    ['Prometheus 3', PROMETHEUS_3, 'openmetrics'],
    ['Prometheus 3 with native histograms', PROMETHEUS_3_PROTOBUF_FIRST, 'openmetrics'],
    ['Prometheus 3 told to use the text format', PROMETHEUS_3_TEXT_ONLY, 'text'],
    ['a browser', BROWSER, 'text'],
    ['curl', '*/*', 'text'],
    ['a client that says nothing', undefined, 'text'],
    ['a client that says nothing in a header', '', 'text'],
    ['any version of OpenMetrics', 'application/openmetrics-text', 'openmetrics'],
    ['a quoted version', 'application/openmetrics-text; version="1.0.0"', 'openmetrics'],
    ['capitals and white space', 'Application/OpenMetrics-Text ; Version=1.0.0 ; Q=0.5 , text/plain ; q=0.4', 'openmetrics'],
    ['text liked better', 'application/openmetrics-text;q=0.3, text/plain;q=0.9', 'text'],
    ['equals, OpenMetrics first', 'application/openmetrics-text, text/plain', 'openmetrics'],
    ['equals, text first', 'text/plain, application/openmetrics-text', 'text'],
    ['the named one before the wildcard', '*/*, application/openmetrics-text;version=1.0.0', 'openmetrics'],
    ['text refused', 'text/plain;q=0, */*', 'openmetrics'],
    ['OpenMetrics refused', 'application/openmetrics-text;q=0, */*', 'text'],
    ['OpenMetrics refused by 0.000', 'application/openmetrics-text;q=0.000', 'text'],
    ['an old OpenMetrics alone, which is not spoken', 'application/openmetrics-text;version=0.0.1', 'text'],
    ['all applications', 'application/*', 'openmetrics'],
    ['nothing that is spoken', 'application/json', 'text'],
    ['everything refused', '*/*;q=0', 'text'],
    ['a weight that is none', 'application/openmetrics-text;q=high, text/plain;q=0.9', 'openmetrics'],
    ['rubbish', ';;=,,q', 'text'],
  ])('%s', (_title, accept, format) => {
    expect(chooseFormat(accept)).toBe(format);
  });
});

describe('acceptsGzip', () => {
  it.each([
    ['gzip', true],
    ['gzip, deflate, br', true],
    ['GZIP', true],
    ['x-gzip', true],
    ['*', true],
    ['gzip;q=0.5, identity;q=0.2', true],
    ['identity;q=0.5, gzip;q=1.0', true],
    [undefined, false],
    ['', false],
    ['identity', false],
    ['gzip;q=0', false],
    ['gzip;q=0, *', false],
    ['*;q=0', false],
    ['identity, gzip;q=0.5', false],
    ['br', false],
  ])('%p: %p', (header, accepted) => {
    expect(acceptsGzip(header)).toBe(accepted);
  });
});
