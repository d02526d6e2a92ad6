// The list of regions is what the package date-holidays knows, no more and no less.

import Holidays from 'date-holidays';
import { knownHolidayRegions } from '../../src/domain/calendar-regions.js';

/** The package gives null or undefined where a country has no parts, whatever its types say. */
function parts(of: Readonly<Record<string, string>> | null | undefined): string[] {
  return Object.keys(of ?? {});
}

test('the regions are those of the installed date-holidays', () => {
  const holidays = new Holidays();

  const known = parts(holidays.getCountries()).flatMap((country) => [
    country,
    ...parts(holidays.getStates(country)).flatMap((state) => [
      `${country}-${state}`,
      ...parts(holidays.getRegions(country, state)).map((region) => `${country}-${state}-${region}`),
    ]),
  ]);

  expect([...knownHolidayRegions].toSorted()).toEqual(known.toSorted());
});
