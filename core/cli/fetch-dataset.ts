import { mkdirSync } from 'node:fs';
import { loadPlugins } from '../config/load.js';
import { getDataset } from '../fetch/dataset.js';
import { lockFolder } from '../run/lock.js';
import { downloadProgress } from './download-progress.js';
import { UsageError } from './failure.js';
import { onInterrupt } from './interrupt.js';

interface FetchOptions {
  readonly path: string;
  readonly url?: string;
  readonly force?: boolean;
}

/** Fetches a data set by name, and prints the folder it is in; sets the exit code when somebody stopped it. */
export async function fetchDataset(name: string, { path, ...options }: FetchOptions): Promise<void> {
  const { registry } = await loadPlugins();
  const archive = registry.find('dataset', name)?.part.archive;
  if (!archive) {
    const known = registry.parts('dataset').flatMap(({ part }) => (part.archive ? [part.name] : []));
    throw new UsageError(`found '${name}', which nothing tells where to fetch; expected one of ${known.join(', ')}`);
  }
  mkdirSync(path, { recursive: true });
  // Two processes that append to one file would make neither's.
  const { release } = lockFolder(path);
  const interrupt = onInterrupt();
  const progress = downloadProgress(name, archive.bytes, process.stderr);
  try {
    const { signal } = interrupt;
    const found = await getDataset(archive, path, {
      ...options,
      signal,
      onProgress: (bytes) => progress.update(bytes),
    });
    progress.stop();
    process.stderr.write(`${found.fetched ? 'fetched and checked' : 'already there'}; use it as dataset.path\n`);
    process.stdout.write(`${found.folder}\n`);
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    process.stderr.write('stopped; the same command goes on\n');
    process.exitCode = interrupt.exitCode();
  } finally {
    progress.stop();
    interrupt.release();
    release();
  }
}
