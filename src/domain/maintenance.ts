// Planned work: what each kind of it mutes and relaxes. Pure.

export const MAINTENANCE_KINDS = ['release', 'reset', 'load_test', 'freeze'] as const;
export type MaintenanceKind = (typeof MAINTENANCE_KINDS)[number];

/** What rules on flows judge, as far as planned work may mute it. */
export const JUDGED = ['freshness', 'volume', 'bounds', 'acknowledgements', 'conservation', 'forecast', 'anomaly', 'objectives'] as const;
export type Judged = (typeof JUDGED)[number];

interface Effect {
  /** In a sentence, for the docs. */
  readonly about: string;
  /** Not told at all while it goes on. */
  readonly mutes: readonly Judged[];
  /** Critical becomes a warning, and a warning is not told. */
  readonly relaxes: readonly Judged[];
}

/** What planned work of each kind does to alerts on the flows it concerns. */
export const EFFECTS: Readonly<Record<MaintenanceKind, Effect>> = {
  release: { about: 'A new version is installed: flows may stand still.', mutes: JUDGED, relaxes: [] },
  reset: { about: 'Data are set back: numbers of messages say nothing.', mutes: ['volume', 'anomaly'], relaxes: [] },
  load_test: {
    about: 'Many more messages than usual, on purpose.',
    mutes: ['anomaly', 'forecast', 'objectives'],
    relaxes: ['bounds', 'volume', 'acknowledgements', 'conservation'],
  },
  freeze: { about: 'Nothing may be changed: all is told as usual.', mutes: [], relaxes: [] },
};

/** The kinds that do this to what is judged, for the selector of a rule. */
export function kindsThat(effect: 'mutes' | 'relaxes', judged: Judged): MaintenanceKind[] {
  return MAINTENANCE_KINDS.filter((kind) => EFFECTS[kind][effect].includes(judged));
}
