// The environments: those declared, and the default one, which need not be.

import type { Declarations } from './declarations.js';
import type { Environment } from './model.js';

const PRODUCTION_NAMES = ['prod', 'production'];

/** @param environment name of the default environment */
export function readEnvironments({ environments }: Declarations, environment: string): Environment[] {
  const declared = [...environments.values()].map(({ name, value }) => ({
    name,
    title: value?.title ?? name,
    production: value?.production ?? PRODUCTION_NAMES.includes(name),
    calendar: value?.calendar,
  }));
  if (environments.has(environment)) return declared;
  return [{ name: environment, title: environment, production: PRODUCTION_NAMES.includes(environment), calendar: undefined }, ...declared];
}
