import { fetchDataset, type FetchOptions } from '../fetch/by-name.js';
import { downloadProgress } from './download-progress.js';
import { onInterrupt } from './interrupt.js';

/** Fetches a data set by name and prints its folder; sets the exit code after an interruption. */
export async function fetchAndTell(name: string, options: Pick<FetchOptions, 'path' | 'url' | 'force'>): Promise<void> {
  const interrupt = onInterrupt();
  let progress: ReturnType<typeof downloadProgress> | undefined;
  try {
    const found = await fetchDataset(name, {
      ...options,
      signal: interrupt.signal,
      onBegin: (bytes) => {
        progress = downloadProgress(name, bytes, process.stderr);
      },
      onProgress: (bytes) => progress?.update(bytes),
    });
    progress?.stop();
    process.stderr.write(`${found.fetched ? 'fetched and checked' : 'already there'}; use it as dataset.path\n`);
    process.stdout.write(`${found.folder}\n`);
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    process.stderr.write('stopped; the same command goes on\n');
    process.exitCode = interrupt.exitCode();
  } finally {
    progress?.stop();
    interrupt.release();
  }
}
