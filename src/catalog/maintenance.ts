// Planned work as the rules read it: whom it concerns now, when it is, and which resets are not done. EN6, EN9, EN13.

import type { Config } from '../config/model.js';
import { intended } from '../conventions.js';
import { MS_PER_DAY } from '../domain/calendar-schedule.js';
import { environmentsConcerned, partnersConcerned } from '../domain/maintenance-scope.js';
import {
  compileMaintenance,
  datedWindow,
  doneFrom,
  isDone,
  type Maintenance,
  type MaintenanceState,
  type MaintenanceWindow,
} from '../domain/maintenance-windows.js';
import type { Observation } from '../domain/observation.js';
import { present } from './labels.js';

/**
 * Dated work is told flow by flow so long before and after it: a plan of many releases must not cost a series for each flow and release
 * all year, and a series that went away with the end of the work would be taken to be what it was for a while.
 */
const AROUND_MS = MS_PER_DAY;

interface Planned {
  readonly maintenance: Maintenance;
  readonly stateAt: (epochMs: number) => MaintenanceState;
  /** Of dated work. */
  readonly dated: MaintenanceWindow | undefined;
}

/** The planned work of a configuration. */
export class PlannedWork {
  readonly #config: Config;
  readonly #planned: readonly Planned[];
  #answer: { readonly from: number; readonly until: number; readonly observations: readonly Observation[] } | undefined;

  constructor(config: Config) {
    this.#config = config;
    this.#planned = (config.maintenance ?? []).map((maintenance) => ({
      maintenance,
      stateAt: compileMaintenance(maintenance),
      dated: datedWindow(maintenance),
    }));
  }

  /** The same array as before while nothing changed, so that nothing need be rendered anew. */
  at(epochMs: number): readonly Observation[] {
    const last = this.#answer;
    if (last && last.from <= epochMs && epochMs < last.until) return last.observations;
    const states = this.#planned.map(({ stateAt }) => stateAt(epochMs));
    const changes = this.#planned.flatMap(({ maintenance, dated }) => [
      ...(dated ? [dated.start - AROUND_MS, dated.end + AROUND_MS] : []),
      doneFrom(maintenance) ?? Infinity,
    ]);
    const until = Math.min(...[...states.map((state) => state.until), ...changes].filter((moment) => moment > epochMs));
    const observations = this.#planned.flatMap((planned, index) => this.#observe(planned, states[index], epochMs));
    this.#answer = { from: epochMs, until, observations };
    return observations;
  }

  #observe(planned: Planned, state: MaintenanceState | undefined, epochMs: number): Observation[] {
    return [...this.#ofFlows(planned, state, epochMs), ...this.#ofScope(planned.maintenance, state), ...this.#resets(planned, epochMs)];
  }

  #ofFlows({ maintenance, dated }: Planned, state: MaintenanceState | undefined, epochMs: number): Observation[] {
    if (dated && (epochMs < dated.start - AROUND_MS || epochMs >= dated.end + AROUND_MS)) return [];
    const { kind, name } = maintenance;
    return this.#config.flows.flatMap((flow) =>
      environmentsConcerned(maintenance, flow).flatMap((env) =>
        partnersConcerned(maintenance, flow).map((partner) => ({
          metric: intended.maintenance,
          labels: present({ flow: flow.name, partner, env, kind, maintenance: name }),
          value: state?.now ? 1 : 0,
        })),
      ),
    );
  }

  /** Of single flows it is not on the environment or the partner. */
  #ofScope({ name, kind, title, flows, ...scope }: Maintenance, state: MaintenanceState | undefined): Observation[] {
    const environments = scope.environments ?? this.#config.environments.map((environment) => environment.name);
    const places = environments.flatMap((env) =>
      (scope.partners ?? [undefined]).map((partner) => ({ env, partner, kind, maintenance: name })),
    );
    return places.flatMap((place) => [
      ...(flows ? [] : [{ metric: intended.maintenanceNow, labels: present(place), value: state?.now ? 1 : 0 }]),
      ...(state?.window
        ? [
            { metric: intended.maintenanceStart, labels: present({ ...place, title }), value: state.window.start / 1000 },
            { metric: intended.maintenanceEnd, labels: present({ ...place, title }), value: state.window.end / 1000 },
          ]
        : []),
    ]);
  }

  #resets({ maintenance, dated }: Planned, epochMs: number): Observation[] {
    const { kind, name, stage } = maintenance;
    if (kind !== 'reset' || isDone(maintenance, epochMs) || !dated || epochMs < dated.end) return [];
    const flows = this.#config.flows.filter(({ stages }) => stage === undefined || stages.includes(stage));
    return flows.flatMap((flow) => {
      const concerned = partnersConcerned(maintenance, flow);
      // A message that shows it is one of a partner.
      const partners = stage !== undefined && concerned.includes(undefined) ? flow.partners : concerned;
      const places = environmentsConcerned(maintenance, flow).flatMap((env) => partners.map((partner) => ({ env, partner })));
      return places.flatMap((place) => {
        const labels = present({ flow: flow.name, ...place, maintenance: name, stage });
        return [
          { metric: intended.resetStart, labels, value: dated.start / 1000 },
          { metric: intended.resetDue, labels, value: dated.end / 1000 },
        ];
      });
    });
  }
}
