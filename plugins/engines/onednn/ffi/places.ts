import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Where oneDNN is looked for: in the file that `REPNAS_ONEDNN` names, and nowhere else then; otherwise by the sonames that the
 * dynamic linker knows, version 3 before version 2, and in the folders of the system, conda and Homebrew. Debian gives
 * version 3 a soname for each interface (`libdnnl.so.3.6`), so folders are searched for such names.
 */

/** The environment variable that names the library's file. */
export const VARIABLE = 'REPNAS_ONEDNN';

interface Names {
  /** What upstream calls version 3, and version 2. */
  readonly newest: string;
  readonly oldest?: string;
  /** Version 3 by whatever name. */
  readonly pattern: RegExp;
}

const NAMES: Readonly<Partial<Record<NodeJS.Platform, Names>>> = {
  linux: { newest: 'libdnnl.so.3', oldest: 'libdnnl.so.2', pattern: /^libdnnl\.so\.3(?:\.\d+)*$/ },
  darwin: { newest: 'libdnnl.3.dylib', pattern: /^libdnnl\.3(?:\.\d+)*\.dylib$/ },
};

/** How Debian and its kin name folders of libraries for a processor. */
const TRIPLETS: Readonly<Partial<Record<NodeJS.Architecture, string>>> = {
  x64: 'x86_64-linux-gnu',
  arm64: 'aarch64-linux-gnu',
};

export type Environment = Readonly<Partial<Record<string, string>>>;

/** Whether the library is looked for on this system at all. */
export const isSupported = (platform: NodeJS.Platform): boolean => NAMES[platform] !== undefined;

/** Names and paths to load, the first that works is taken. */
export function libraryPlaces(
  environment: Environment = process.env,
  platform: NodeJS.Platform = process.platform,
  architecture: NodeJS.Architecture = process.arch,
): string[] {
  const asked = environment[VARIABLE];
  if (asked) return [asked];
  const names = NAMES[platform];
  if (!names) return [];
  const { newest, oldest, pattern } = names;
  const found = folders(environment, platform, architecture).flatMap((folder) => matching(folder, pattern));
  return [...new Set([newest, ...found, ...(oldest ? [oldest] : [])])];
}

function folders(environment: Environment, platform: NodeJS.Platform, architecture: NodeJS.Architecture): string[] {
  const conda = environment['CONDA_PREFIX'];
  const brew = environment['HOMEBREW_PREFIX'];
  const triplet = TRIPLETS[architecture];
  const ofSystem =
    platform === 'linux'
      ? [...(triplet ? [`/usr/lib/${triplet}`] : []), '/usr/lib64', '/usr/lib', '/usr/local/lib']
      : ['/opt/homebrew/lib', '/usr/local/lib'];
  const ofBrew = brew ? [join(brew, 'lib')] : platform === 'linux' ? ['/home/linuxbrew/.linuxbrew/lib'] : [];
  return [...(conda ? [join(conda, 'lib')] : []), ...ofSystem, ...ofBrew];
}

/** Paths of the files of that name in a folder, the highest version first; none where the folder cannot be read. */
function matching(folder: string, pattern: RegExp): string[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  const descending = new Intl.Collator('en', { numeric: true }).compare;
  return names
    .filter((name) => pattern.test(name))
    .sort((a, b) => descending(b, a))
    .map((name) => join(folder, name));
}
