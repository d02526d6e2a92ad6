// What is used of prom-client, file by file: its index brings OpenTelemetry, a gateway and the metrics of Node.js along, 30 ms of each start.

import { createRequire } from 'node:module';
import type { Counter as AnyCounter, Gauge as AnyGauge, Registry as AnyRegistry } from 'prom-client';

const require = createRequire(import.meta.url);

export type Counter = AnyCounter;
export type Gauge = AnyGauge;
export const Counter: typeof AnyCounter = require('prom-client/lib/counter.js');
export const Gauge: typeof AnyGauge = require('prom-client/lib/gauge.js');
export const Registry: typeof AnyRegistry = require('prom-client/lib/registry.js');
