// What all files together declare, by section and name, each entry checked against its schema.

import type { FromSchema } from 'json-schema-to-ts';
import { CATALOG, FLEET } from '../conventions.js';
import { nearest, suggest } from '../domain/suggest.js';
import type { SourceKind } from '../sources/kind.js';
import { common } from '../sources/schema.js';
import { atKey, formatSpot, within, type Report, type Spot } from './report.js';
import { platformSchema } from './dependencies.js';
import { maintenanceSchema } from './maintenance.js';
import {
  calendarSchema,
  flowSchema,
  rootSchema,
  teamSchema,
  type RawCalendar,
  type RawFlow,
  type RawMaintenance,
  type RawPlatform,
  type RawTeam,
} from './schema.js';
import { Shape } from './shape.js';
import { asObject, either, isObject, shorten, show } from './words.js';
import type { YamlFile } from './yaml-file.js';

const environmentSchema = rootSchema.properties.environments.additionalProperties;
const partnerSchema = rootSchema.properties.partners.additionalProperties;
const defaultsSchema = rootSchema.properties.defaults;
const commonSchema = { type: 'object', required: ['kind'], properties: common } as const;

export type RawEnvironment = FromSchema<typeof environmentSchema>;
export type RawPartner = FromSchema<typeof partnerSchema>;
export type RawDefaults = FromSchema<typeof defaultsSchema>;
export type RawSource = FromSchema<typeof commonSchema>;

const environmentShape = new Shape<RawEnvironment>(environmentSchema);
const partnerShape = new Shape<RawPartner>(partnerSchema);
const defaultsShape = new Shape<RawDefaults>(defaultsSchema);
const commonShape = new Shape<RawSource>(commonSchema);
const teamShape = new Shape<RawTeam>(teamSchema);
const calendarShape = new Shape<RawCalendar>(calendarSchema);
const maintenanceShape = new Shape<RawMaintenance>(maintenanceSchema);
const platformShape = new Shape<RawPlatform>(platformSchema);
const flowShape = new Shape<RawFlow>(flowSchema);

export type Kinds = Readonly<Record<string, SourceKind>>;

/** What sources may be of. */
export interface KnownKinds {
  /** Of all kinds there are. */
  readonly names: readonly string[];
  /** At least those that the files name, as far as there are such. */
  readonly kinds: Kinds;
}

/** An entry of a section. */
export interface Declared<T> {
  readonly name: string;
  readonly spot: Spot;
  readonly raw: unknown;
  /** Undefined where the entry does not fit its schema: what can be told of it is in `raw`. */
  readonly value: T | undefined;
}

export interface DeclaredSource extends Declared<RawSource> {
  /** Undefined where the kind is missing or unknown. */
  readonly kind: SourceKind | undefined;
}

export interface Declarations {
  /** Undefined where the file does not say. */
  readonly environment: string | undefined;
  readonly defaults: Declared<RawDefaults>;
  readonly environments: ReadonlyMap<string, Declared<RawEnvironment>>;
  readonly teams: ReadonlyMap<string, Declared<RawTeam>>;
  readonly partners: ReadonlyMap<string, Declared<RawPartner>>;
  readonly calendars: ReadonlyMap<string, Declared<RawCalendar>>;
  readonly maintenance: ReadonlyMap<string, Declared<RawMaintenance>>;
  readonly platforms: ReadonlyMap<string, Declared<RawPlatform>>;
  readonly flows: ReadonlyMap<string, Declared<RawFlow>>;
  readonly sources: ReadonlyMap<string, DeclaredSource>;
  /** Sections of which entries may be missing because of a mistake: a name that is not there is not called unknown. */
  readonly unreadable: ReadonlySet<Section>;
}

/** Sections that included files may add to. */
const SECTIONS = ['environments', 'teams', 'partners', 'calendars', 'maintenance', 'platforms', 'flows', 'sources'] as const;
export type Section = (typeof SECTIONS)[number];
/** Keys that only the main file may hold, because there is one of them. */
const MAIN_ONLY = ['environment', 'defaults'] as const;

/** The root, with sections as maps of anything: their entries are checked one by one. */
const skeleton = new Shape<object>({
  ...rootSchema,
  properties: {
    ...rootSchema.properties,
    defaults: {},
    environments: sectionSchema('environments'),
    teams: sectionSchema('teams'),
    partners: sectionSchema('partners'),
    calendars: sectionSchema('calendars'),
    maintenance: sectionSchema('maintenance'),
    platforms: sectionSchema('platforms'),
    flows: sectionSchema('flows'),
    sources: sectionSchema('sources'),
  },
});

/** Of all that is checked here, apart from the blocks of sources, whose schemas are those of their kinds. */
export const sectionSchemas: readonly object[] = [
  skeleton,
  environmentShape,
  partnerShape,
  defaultsShape,
  commonShape,
  teamShape,
  calendarShape,
  maintenanceShape,
  platformShape,
  flowShape,
].map(({ schema }) => schema);

function sectionSchema(section: Section): object {
  const { type, propertyNames, description } = rootSchema.properties[section];
  return { type, propertyNames, description };
}

/** The kinds that sources say they are of, whether there are such or not. */
export function namedKinds(files: readonly YamlFile[]): string[] {
  const blocks = files.flatMap(({ data }) => Object.values(asObject(asObject(data)['sources'])));
  const written = blocks.map((block) => asObject(block)['kind']);
  return [...new Set(written.filter((kind) => typeof kind === 'string'))];
}

/** @param files the main file first */
export function readDeclarations(files: readonly YamlFile[], known: KnownKinds, report: Report): Declarations {
  for (const [index, file] of files.entries()) checkRoot(file, index === 0, report);
  const main = files[0];
  const root = asObject(main?.data);
  const section = (name: Section) => entriesOf(name, files, report);
  const plain = <T>(name: Section, shape: Shape<T>) => mapValues(section(name), (entry) => declare(entry, shape, report));
  return {
    environment: typeof root['environment'] === 'string' ? root['environment'] : undefined,
    defaults: readDefaults(files, report),
    environments: plain('environments', environmentShape),
    teams: plain('teams', teamShape),
    partners: plain('partners', partnerShape),
    calendars: plain('calendars', calendarShape),
    maintenance: plain('maintenance', maintenanceShape),
    platforms: plain('platforms', platformShape),
    flows: plain('flows', flowShape),
    sources: mapValues(section('sources'), (entry) => declareSource(entry, known, report)),
    unreadable: new Set(SECTIONS.filter((name) => isUnreadable(name, files))),
  };
}

/**
 * It is no block of keys somewhere, or stands indented below another one, or it stands nowhere while an unknown key does,
 * which may be it misspelt.
 */
function isUnreadable(section: Section, files: readonly YamlFile[]): boolean {
  const roots = files.map(({ data }) => asObject(data));
  if (roots.some((root) => Object.values(root).some((other) => isObject(other) && isIndentedSection(section, other[section])))) return true;
  const written = roots.filter((root) => section in root);
  if (written.length > 0) return written.some((root) => !isObject(root[section]));
  return roots.some((root) => Object.keys(root).some((key) => !(key in rootSchema.properties)));
}

interface Entry {
  readonly name: string;
  readonly spot: Spot;
  readonly raw: unknown;
}

/** The entries of one section over all files; a name that a second file defines is an error. */
function entriesOf(section: Section, files: readonly YamlFile[], report: Report): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  for (const file of files) {
    for (const [name, raw] of Object.entries(asObject(asObject(file.data)[section]))) {
      const spot = { file, path: [section, name] };
      if (isIndentedSection(name, raw)) {
        report.error(atKey(spot), `the section "${name}" is indented, as if it belonged to ${section}: it begins in column 1`);
        break; // What follows belongs to it.
      }
      const first = entries.get(name);
      if (!first) entries.set(name, { name, spot, raw });
      else report.error(atKey(spot), `"${name}" is already defined in ${formatSpot(atKey(first.spot))}: rename one of the two`);
    }
  }
  return entries;
}

function isIndentedSection(name: string, raw: unknown): boolean {
  return raw === null && name in rootSchema.properties;
}

function checkRoot(file: YamlFile, isMain: boolean, report: Report): void {
  const spot: Spot = { file, path: [] };
  const stray = strayEntries(file.data);
  for (const [name, section] of stray) {
    report.error(atKey(within(spot, name)), `unknown key "${shorten(name)}": indent it, if it belongs to ${section} above`);
  }
  const settled = Object.entries(asObject(file.data)).filter(([key]) => !stray.has(key) && ![...stray.values()].includes(key));
  skeleton.check(stray.size > 0 ? Object.fromEntries(settled) : file.data, spot, report);
  if (isMain) return;
  for (const key of MAIN_ONLY) {
    if (key in asObject(file.data)) report.error(atKey(within(spot, key)), `"${key}" belongs into the main file, not into an included one`);
  }
}

/** Unknown keys right below a section that is empty, by name: its entries, which are not indented. */
function strayEntries(data: unknown): Map<string, string> {
  const stray = new Map<string, string>();
  let section: string | undefined;
  for (const [key, value] of Object.entries(asObject(data))) {
    if (key in rootSchema.properties) section = value === null ? key : undefined;
    else if (section !== undefined) stray.set(key, section);
  }
  return stray;
}

function readDefaults(files: readonly YamlFile[], report: Report): Declared<RawDefaults> {
  const [main] = files;
  const raw = asObject(main?.data)['defaults'];
  if (!main) throw new RangeError('no file to read');
  const spot = { file: main, path: ['defaults'] };
  return declare({ name: 'defaults', spot, raw: raw === undefined ? {} : raw }, defaultsShape, report);
}

function declare<T>({ name, spot, raw }: Entry, shape: Shape<T>, report: Report): Declared<T> {
  return { name, spot, raw, value: shape.check(raw, spot, report) };
}

function declareSource({ name, spot, raw }: Entry, { names, kinds }: KnownKinds, report: Report): DeclaredSource {
  if (name === CATALOG || name === FLEET) report.error(atKey(spot), `the name "${name}" is taken by Vigie itself: choose another`);
  const undeclared = { name, spot, raw, value: undefined, kind: undefined };
  if (!isObject(raw)) {
    report.error(spot, `must be a block of keys, e.g. kind: ${names[0] ?? ''}`);
    return undeclared;
  }
  const written = raw['kind'];
  if (written === undefined) {
    const misspelt = Object.keys(raw).find((key) => !(key in common) && nearest(key, ['kind']) !== undefined);
    if (misspelt === undefined) report.error(spot, `missing key "kind" (there is: ${names.join(', ')})`);
    else report.error(atKey(within(spot, misspelt)), `unknown key "${misspelt}" (is it "kind"?)`);
    return undeclared;
  }
  const kind = typeof written === 'string' && names.includes(written) ? kinds[written] : undefined;
  if (!kind) {
    const wrong = written === null ? 'is empty:' : `${show(written, ['kind'])} does not fit:`;
    const message =
      typeof written === 'string' ? `no kind "${shorten(written)}"${suggest(written, names)}` : `${wrong} must be ${either(names)}`;
    report.error(within(spot, 'kind'), message);
    return undeclared;
  }
  const fits = new Shape<object>(kind.schema).check(raw, spot, report) !== undefined;
  return { name, spot, raw, kind, value: fits && commonShape.fits(raw) ? raw : undefined };
}

function mapValues<A, B>(map: ReadonlyMap<string, A>, convert: (value: A) => B): Map<string, B> {
  return new Map([...map].map(([key, value]) => [key, convert(value)]));
}
