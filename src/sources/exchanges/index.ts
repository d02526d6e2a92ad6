// What the kinds of file exchanges need to declare themselves: schema, checks, claims, errors. `source.ts` builds the source.

export { checkExchange, claimsOfExchange } from './check.js';
export { exchangeErrors } from './errors.js';
export { exchangeProperties, type ExchangeOptions } from './schema.js';
