// The database engines. Adding one: a file beside this one, a line here, and its name in the schema.

import type { Driver } from '../driver.js';
import type { DriverName } from '../schema.js';
import { mssql } from './mssql.js';
import { mysql } from './mysql.js';
import { odbc } from './odbc.js';
import { oracle } from './oracle.js';
import { postgres } from './postgres.js';
import { sqlite } from './sqlite.js';

export const drivers: Readonly<Record<DriverName, Driver>> = { sqlite, mssql, mysql, postgres, oracle, odbc };
