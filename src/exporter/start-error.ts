// What a user can mend, and keeps an exporter from starting.

/** The message is all that needs to be shown. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
