import test from 'ava';
import { fileSchema } from '../../core/config/config-schema.js';
import { inputSchema } from '../../core/config/json-schema.js';
import { loadPlugins } from '../../core/config/load.js';
import { optionRows } from '../../scripts/docs-option-rows.js';

const silent = (schema: Parameters<typeof optionRows>[0]): string[] =>
  optionRows(schema)
    .filter(({ description }) => /^(With `[\w-]+`\.)?$/.test(description))
    .map(({ path }) => path);

test('every key of a config says what it does', (t) => {
  t.true(optionRows(fileSchema()).length > 40);
  t.deepEqual(silent(fileSchema()), []);
});

test('every option of every built-in part says what it does', async (t) => {
  const { registry } = await loadPlugins(undefined, { cwd: import.meta.dirname });
  const found = registry
    .all()
    .flatMap(({ kind, part }) => silent(inputSchema(part.options)).map((path) => `${kind} ${part.name}: ${path}`));
  t.deepEqual(found, []);
});
