import { existsSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import type { LibraryHandle } from 'koffi';
import { instructionsOf } from './instructions.js';
import type { Interface } from './interface.js';
import { packageToInstall } from './packages.js';
import { isSupported, libraryPlaces, VARIABLE } from './places.js';
import { holdSignals, type Uninterrupted } from './signals.js';
import { bindVersion2 } from './version2.js';
import { bindVersion3 } from './version3.js';

/**
 * Finds oneDNN, loads it once in a process and binds the interface of its version. What cannot be used (no file, another
 * library under its name, an unknown version, threads that are not OpenMP's) is left for the next place to look; the error of
 * the last resort names each of them.
 */

/** Where the memory of an array begins. */
export type AddressOf = (array: ArrayBufferView) => number;

export interface Library {
  readonly functions: Interface;
  readonly version: string;
  /** The name or path that it was loaded by. */
  readonly place: string;
  readonly uninterrupted: Uninterrupted;
  readonly addressOf: AddressOf;
  /** Whether the library convolves in Winograd's form where it is asked to. */
  readonly hasWinograd: boolean;
  /** Sets how many threads the library uses from now on; undefined where it is built to use one. */
  readonly setThreads: ((count: number) => void) | undefined;
}

/** Why the library cannot be used here, and what to do about it. */
export class LibraryError extends Error {
  readonly install: string;

  constructor(reason: string, install: string) {
    super(reason);
    this.name = 'LibraryError';
    this.install = install;
  }
}

type Koffi = typeof import('koffi');

const SUPPORTED = '2.6 or 3.x';
/** The C library, and the flags with which `dlopen` loads a library for good. */
const SYSTEM: Readonly<Partial<Record<NodeJS.Platform, { readonly c: string; readonly pinned: number }>>> = {
  linux: { c: 'libc.so.6', pinned: 0x2 | 0x1000 },
  darwin: { c: 'libSystem.B.dylib', pinned: 0x2 | 0x80 },
};

let loaded: Promise<Library> | undefined;

/**
 * Loads oneDNN, once in a process.
 * @throws LibraryError where koffi or the library is missing, or no library that is found can be used.
 */
export function loadLibrary(): Promise<Library> {
  loaded ??= load().catch((error: unknown) => {
    loaded = undefined;
    throw error;
  });
  return loaded;
}

async function load(): Promise<Library> {
  const system = SYSTEM[process.platform];
  if (!system || !isSupported(process.platform))
    throw new LibraryError(
      `oneDNN is called on Linux and macOS only, this is ${process.platform}`,
      'choose another engine',
    );
  const koffi = await import('koffi').catch((error: unknown) => {
    throw new LibraryError(`koffi does not load: ${messageOf(error)}`, 'npm install koffi');
  });
  const c = koffi.load(system.c);
  const places = libraryPlaces();
  const failures: string[] = [];
  for (const place of places) {
    const found = tryPlace(place, c, koffi);
    if (found === undefined) continue;
    if (typeof found === 'string') {
      failures.push(found);
      continue;
    }
    // koffi closes libraries when the process ends, while OpenMP's threads still run in theirs. This holds what the library
    // needs as well.
    const pin = c.func('dlopen', 'void*', ['str', 'int']) as (name: string, flags: number) => unknown;
    if (!pin(place, system.pinned)) throw new LibraryError(`${place} does not stay loaded`, packageToInstall());
    return found;
  }
  if (failures.length > 0) throw new LibraryError(failures.join('; '), packageToInstall());
  throw new LibraryError(missing(places), packageToInstall());
}

function missing(places: readonly string[]): string {
  const asked = process.env[VARIABLE];
  if (asked) return `${VARIABLE} names ${asked}, which is not there`;
  return `oneDNN is not installed: found none of ${places.join(', ')}; ${VARIABLE} can name its file`;
}

/** The library at a place; why it cannot be used; or undefined where there is none. */
function tryPlace(place: string, c: LibraryHandle, koffi: Koffi): Library | string | undefined {
  let dnnl: LibraryHandle;
  try {
    dnnl = koffi.load(place);
  } catch (error) {
    const message = messageOf(error);
    return isMissing(place, message) ? undefined : `${place} does not load: ${message}`;
  }
  const found = readVersion(dnnl, koffi);
  if (!found) return `${place} is not oneDNN: it has no dnnl_version`;
  const { major, minor, version, runtime } = found;
  if (!isKnown(major, minor))
    return `${place} is oneDNN ${version}; its interface differs from those of ${SUPPORTED}, which are supported`;
  const threading = THREADING[runtime];
  if (threading !== undefined)
    return `${place} is oneDNN ${version} built for ${threading}; expected one built for OpenMP`;
  const functions = major === 2 ? bindVersion2(dnnl, c, koffi) : bindVersion3(dnnl, koffi);
  return {
    functions,
    version,
    place,
    uninterrupted: holdSignals(c, process.arch === 'x64' && isBefore(3, 12, found)),
    addressOf: (array) => Number(koffi.address(array)),
    // Float32 with AVX-512 only; version 3.2 has removed it.
    hasWinograd: isBefore(3, 2, found) && instructionsOf(functions.cpuIsa()) === 'AVX-512',
    setThreads: threadSetter(dnnl),
  };
}

/** Whether the library itself is missing, and not something that it needs. koffi leaves the library's own name out of the message. */
const isMissing = (place: string, message: string): boolean =>
  isAbsolute(place)
    ? !existsSync(place)
    : /library: cannot open shared object file/.test(message) ||
      (/no such file/.test(message) && !/Library not loaded/.test(message));

const isKnown = (major: number, minor: number): boolean => (major === 2 && minor === 6) || major === 3;

const isBefore = (major: number, minor: number, version: Version): boolean =>
  version.major < major || (version.major === major && version.minor < minor);

/** Ways of running threads, as the library numbers them, that the engine does not set threads for. */
const THREADING: Readonly<Record<number, string>> = { 4: 'TBB', 8: 'a pool of threads of the caller', 512: 'SYCL' };

interface Version {
  readonly major: number;
  readonly minor: number;
  readonly version: string;
  readonly runtime: number;
}

/** Reads `dnnl_version_t`; undefined where the library has no such function. */
function readVersion(dnnl: LibraryHandle, koffi: Koffi): Version | undefined {
  let pointer: unknown;
  try {
    pointer = dnnl.func('dnnl_version', 'void*', [])();
  } catch {
    return undefined;
  }
  // Three numbers, four bytes to fill, the address of a name, and how the processor's threads run.
  const [major, minor, patch, , , , runtime] = koffi.decode(pointer, 'int', 7) as number[];
  return {
    major: major as number,
    minor: minor as number,
    version: `${major}.${minor}.${patch}`,
    runtime: runtime as number,
  };
}

/** OpenMP's function, of whichever of its libraries oneDNN itself calls. */
function threadSetter(dnnl: LibraryHandle): Library['setThreads'] {
  try {
    return dnnl.func('omp_set_num_threads', 'void', ['int']) as (count: number) => void;
  } catch {
    return undefined;
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
