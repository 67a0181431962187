import { writeFileSync } from 'node:fs';
import { presetJsonSchema } from './preset-json-schema.ts';

// Writes the JSON Schema that ships with the presets. Run: npm run schemas
writeFileSync('presets/preset.schema.json', `${JSON.stringify(presetJsonSchema(), null, 2)}\n`);
