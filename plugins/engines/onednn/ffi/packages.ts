import { readFileSync } from 'node:fs';
import type { Environment } from './places.js';

/** Which package of the system this runs on brings oneDNN, as a command to type. */

interface Package {
  readonly command: string;
  /** The release from which on it is so. */
  readonly from: number;
}

/** By the ID of os-release; the newest first. */
const PACKAGES: Readonly<Record<string, readonly Package[]>> = {
  debian: [
    { from: 13, command: 'apt-get install libdnnl3.6' },
    { from: 12, command: 'apt-get install libdnnl2' },
  ],
  ubuntu: [
    { from: 25.04, command: 'apt-get install libdnnl3.6' },
    { from: 24.04, command: 'apt-get install libdnnl3' },
  ],
  fedora: [{ from: 0, command: 'dnf install onednn' }],
  arch: [{ from: 0, command: 'pacman -S onednn' }],
};

const CONDA = 'conda install -c conda-forge onednn';
const BREW = 'brew install onednn';

export interface System {
  readonly platform: NodeJS.Platform;
  readonly environment: Environment;
  /** What /etc/os-release holds; empty where there is none. */
  readonly release: string;
}

export const thisSystem = (): System => ({
  platform: process.platform,
  environment: process.env,
  release: process.platform === 'linux' ? released() : '',
});

function released(): string {
  try {
    return readFileSync('/etc/os-release', 'utf8');
  } catch {
    return '';
  }
}

/** What to type to get the library: in the environment of conda that is active, else from the system's own packages. */
export function packageToInstall({ platform, environment, release }: System = thisSystem()): string {
  if (environment['CONDA_PREFIX']) return CONDA;
  if (platform === 'darwin') return BREW;
  const field = (name: string): string => new RegExp(`^${name}="?([^"\\n]*)`, 'm').exec(release)?.[1] ?? '';
  const version = Number.parseFloat(field('VERSION_ID'));
  for (const id of [field('ID'), ...field('ID_LIKE').split(' ')]) {
    const packages = PACKAGES[id];
    if (!packages) continue;
    // A derivative counts its releases otherwise, and a testing release has no number: the newest package.
    const isOwn = id === field('ID') && !Number.isNaN(version);
    const found = isOwn ? packages.find(({ from }) => version >= from) : packages[0];
    return found?.command ?? CONDA;
  }
  return `${CONDA}, or ${BREW}`;
}
