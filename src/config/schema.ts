// The YAML, apart from the kinds of sources: one definition for the TypeScript types, for ajv and for editors.

import type { FromSchema } from 'json-schema-to-ts';
import { duration, NAME_PATTERN, secret } from '../sources/schema.js';
import { boundsSchema } from './bounds.js';
import { anomalySchema, conservationSchema, paritySchema } from './comparisons.js';
import { dependsOnSchema, platformSchema } from './dependencies.js';
import { expectSchema } from './expectations.js';
import { indicatorsSchema } from './indicators.js';
import { maintenanceSchema } from './maintenance.js';
import { objectivesSchema } from './objectives.js';

const nameList = { type: 'array', items: { type: 'string' }, minItems: 1, uniqueItems: true } as const;

export const flowSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['title', 'team', 'direction', 'partners', 'stages'],
  description: 'A data flow exchanged with partners.',
  properties: {
    title: { type: 'string', minLength: 1, description: 'A name for people.' },
    team: { type: 'string', description: 'The team that owns it; one of `teams`.' },
    criticality: { enum: ['low', 'medium', 'high', 'critical'], description: 'How much it matters. Default medium.' },
    direction: {
      enum: ['inbound', 'outbound', 'internal'],
      description: 'Whether messages come from partners, go to them, or stay inside.',
    },
    partners: { ...nameList, description: 'Who it is exchanged with; from `partners`.' },
    stages: {
      ...nameList,
      items: { type: 'string', pattern: NAME_PATTERN },
      description: 'The stages a message passes, in order.',
      examples: [['received', 'validated', 'processed']],
    },
    environments: { ...nameList, description: 'Where it runs; from `environments`. Default: `environment` at the top of the file.' },
    calendar: { type: 'string', description: 'Its opening hours; one of `calendars`. Default: always open.' },
    runbook: { type: 'string', pattern: '^https?://', description: 'URL of the page that tells what to do when it fails.' },
    depends_on: dependsOnSchema,
    expect: expectSchema,
    bounds: boundsSchema,
    indicators: indicatorsSchema,
    objectives: objectivesSchema,
    conservation: conservationSchema,
    parity: paritySchema,
    anomaly: anomalySchema,
  },
} as const;

const openHours = {
  anyOf: [
    {
      type: 'string',
      description: 'From and to, 24-hour: "07:00-19:00". "22:00-04:00" ends on the next day; "00:00-24:00" is the whole day.',
    },
    { type: 'array', items: { type: 'string' }, minItems: 1, description: 'Several openings in one day.' },
  ],
  examples: ['07:00-19:00'],
} as const;

export const calendarSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['timezone', 'open'],
  description: 'Opening hours.',
  properties: {
    timezone: { type: 'string', description: 'IANA time zone.', examples: ['Europe/Zurich', 'UTC'] },
    open: {
      type: 'object',
      minProperties: 1,
      additionalProperties: openHours,
      description:
        'Opening hours by day: mon, tue, wed, thu, fri, sat, sun, ranges (mon-fri) and lists (sat,sun). Days that are not named are closed.',
      examples: [{ 'mon-fri': '07:00-19:00' }],
    },
    holidays: {
      type: 'array',
      items: { type: 'string' },
      uniqueItems: true,
      description: 'Days on which it stays closed: public holidays of a country or region (CH, CH-VD, FR) and dates (2026-12-24).',
    },
    exceptions: {
      type: 'object',
      additionalProperties: { anyOf: [{ const: 'closed' }, ...openHours.anyOf], examples: ['07:00-12:00'] },
      description: 'Other hours on single dates, or `closed`; they win over holidays.',
      examples: [{ '2026-12-24': '07:00-12:00', '2026-12-26': 'closed' }],
    },
  },
} as const;

export const teamSchema = {
  type: 'object',
  additionalProperties: false,
  description: 'A team and how it is reached.',
  examples: [{ email: 'team@example.org' }],
  properties: {
    title: { type: 'string', description: 'A name for people.' },
    teams: {
      type: 'object',
      additionalProperties: false,
      required: ['webhook'],
      properties: {
        webhook: { ...secret, description: 'URL of the Teams workflow; it is a secret.', examples: [{ file: '/run/secrets/teams_flux' }] },
      },
      description: 'The Microsoft Teams channel that gets its alerts.',
    },
    email: {
      type: 'string',
      pattern: '^[^@\\s]+@[^@\\s]+$',
      description: 'The address that gets its alerts.',
      examples: ['team@example.org'],
    },
  },
} as const;

export const rootSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'Vigie: exporters.yaml',
  type: 'object',
  additionalProperties: false,
  properties: {
    environment: {
      type: 'string',
      pattern: NAME_PATTERN,
      description: 'The environment that sources watch unless they say otherwise. Default prod.',
    },
    environments: {
      type: 'object',
      propertyNames: { pattern: NAME_PATTERN },
      additionalProperties: {
        type: 'object',
        additionalProperties: false,
        properties: {
          title: { type: 'string', description: 'A name for people.' },
          production: {
            type: 'boolean',
            description: 'Alerts are capped at warning where this is false. Default: true for prod and production.',
          },
          calendar: { type: 'string', description: 'Opening hours of the whole environment; never wider than those of production.' },
        },
      },
      description: 'The environments there are: development, qualification, acceptance, pre-production, training, production.',
    },
    include: {
      type: 'array',
      items: { type: 'string', minLength: 1 },
      examples: [['exporters.d/*.yaml']],
      description: 'Further files, as globs, relative to this one: each team keeps its flows in its own file.',
    },
    defaults: {
      type: 'object',
      additionalProperties: false,
      properties: {
        team: { type: 'string', description: 'The team that hears of failing sources that observe no flow, or flows of several teams.' },
        interval: { ...duration, description: 'How often sources look. Default 60s.' },
        timeout: { ...duration, description: 'How long one look may take. Default 10s.' },
        max_series: { type: 'integer', minimum: 1, description: 'Series budget of each source. Default 10000.' },
      },
      description: 'What holds for all sources unless they say otherwise.',
    },
    teams: {
      type: 'object',
      propertyNames: { pattern: NAME_PATTERN },
      additionalProperties: teamSchema,
      description: 'The teams that own flows.',
    },
    partners: {
      type: 'object',
      propertyNames: { pattern: NAME_PATTERN },
      additionalProperties: {
        type: 'object',
        additionalProperties: false,
        properties: { title: { type: 'string', description: 'A name for people.' } },
        examples: [{ title: 'Hospital A' }],
      },
      description: 'The organisations that flows are exchanged with.',
    },
    calendars: {
      type: 'object',
      propertyNames: { pattern: NAME_PATTERN },
      additionalProperties: calendarSchema,
      description: 'Opening hours, by name.',
    },
    platforms: {
      type: 'object',
      propertyNames: { pattern: NAME_PATTERN },
      additionalProperties: platformSchema,
      description: 'What flows have in common and depend on: databases, queues, file servers.',
    },
    maintenance: {
      type: 'object',
      propertyNames: { pattern: NAME_PATTERN },
      additionalProperties: maintenanceSchema,
      description: 'Planned work, by name: releases, resets of data, load tests, freezes.',
    },
    flows: {
      type: 'object',
      propertyNames: { pattern: NAME_PATTERN },
      additionalProperties: flowSchema,
      description: 'The flows, by name.',
    },
    sources: {
      type: 'object',
      propertyNames: { pattern: NAME_PATTERN },
      additionalProperties: { type: 'object', required: ['kind'], properties: { kind: { type: 'string' } } },
      description: 'Where flows are seen: one exporter for each.',
    },
  },
} as const;

/** The file as written, once it is valid. */
export type RawConfig = FromSchema<typeof rootSchema>;
export type RawFlow = FromSchema<typeof flowSchema>;
export type RawCalendar = FromSchema<typeof calendarSchema>;
export type RawMaintenance = FromSchema<typeof maintenanceSchema>;
export type RawPlatform = FromSchema<typeof platformSchema>;
export type RawTeam = FromSchema<typeof teamSchema>;
