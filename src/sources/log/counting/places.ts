// Where in which flow a line belongs: declared places, whose series are there before the first line, and `other` for all that is not declared.

import { OTHER } from '../../../conventions.js';
import { coveredPlaces, PlaceIndex, type Coverage, type Place, type Undeclared } from '../../../domain/coverage.js';
import type { SourceContext } from '../../kind.js';

/** What is found of a place: its series, and what about it is not declared. */
export interface Found<Series> {
  readonly series: Series;
  readonly undeclared: Undeclared | undefined;
}

export class Places<Series> {
  /** By flow, stage and partner, since a text made of the three would cost as much as all the rest. */
  readonly #declared = new Map<string, Map<string, Map<string, Series>>>();
  readonly #index: PlaceIndex;
  readonly #known: { readonly partners: ReadonlySet<string>; readonly stages: ReadonlySet<string> };

  /** @param create declares the series of a place, at 0 */
  constructor(
    { flows, partners }: SourceContext,
    coverage: Coverage,
    private readonly create: (place: Place) => Series,
  ) {
    this.#index = new PlaceIndex(flows, coverage);
    this.#known = { partners: new Set(partners), stages: new Set(flows.flatMap(({ stages }) => stages)) };
    for (const place of coveredPlaces(flows, coverage)) this.#open(place);
  }

  /** The series of a place that is declared. */
  get({ flow, stage, partner }: Place): Series | undefined {
    return this.#declared.get(flow)?.get(stage)?.get(partner);
  }

  /** What is not declared about the place goes by the name `other`. */
  find(place: Place): Found<Series> {
    const series = this.get(place);
    if (series) return { series, undeclared: undefined };
    const undeclared = this.#index.undeclared(place) ?? { label: 'partner', value: place.partner };
    const known = this.#asKnown(place, undeclared);
    return { series: this.get(known) ?? this.#open(known), undeclared };
  }

  #asKnown({ flow, stage, partner }: Place, { label }: Undeclared): Place {
    const { partners, stages } = this.#known;
    return {
      flow: label === 'flow' ? OTHER : flow,
      stage: label === 'stage' || !stages.has(stage) ? OTHER : stage,
      partner: label === 'partner' || !partners.has(partner) ? OTHER : partner,
    };
  }

  #open(place: Place): Series {
    const series = this.create(place);
    const byStage = this.#declared.get(place.flow) ?? new Map<string, Map<string, Series>>();
    const byPartner = byStage.get(place.stage) ?? new Map<string, Series>();
    this.#declared.set(place.flow, byStage.set(place.stage, byPartner.set(place.partner, series)));
    return series;
  }
}
