// A program of the build: compiles the schemas that an exporter checks its configuration against at each start, which would take it 70 ms.

import { mkdirSync, writeFileSync } from 'node:fs';
import { kinds } from '../sources/all-kinds.js';
import { compileToModule } from './compile.js';
import { sectionSchemas } from './declarations.js';
import { PRECOMPILED_FOLDER, precompiledFile } from './precompiled.js';

mkdirSync(PRECOMPILED_FOLDER, { recursive: true });
for (const schema of [...sectionSchemas, ...Object.values(kinds).map((kind) => kind.schema)]) {
  writeFileSync(precompiledFile(schema), compileToModule(schema));
}
