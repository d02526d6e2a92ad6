// Names that a sql source gives, once.

/** The collector that proves the role of a database; no query may be called so where there is one. */
export const REPLICA_COLLECTOR = 'replica';
