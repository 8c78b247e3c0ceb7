/**
 * Fetches a data set for the command line, with a progress bar on a terminal.
 */
import cliProgress from 'cli-progress';
import { fetchDataset, type FetchOptions } from '../fetch/by-name.js';
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

const MIB = 2 ** 20;

/** Shows the progress of a download: on a terminal a bar with rate and time left, elsewhere a line per tenth. */
export interface DownloadProgress {
  update(bytes: number): void;
  stop(): void;
}

export function downloadProgress(
  name: string,
  total: number,
  stream: NodeJS.WritableStream & { readonly isTTY?: boolean },
  now: () => number = () => performance.now(),
): DownloadProgress {
  const began = now();
  let first: number | undefined;
  /** `12.3 of 162.2 MiB, 4.5 MiB/s, 33 s left` */
  const words = (bytes: number): string => {
    first ??= bytes;
    const rate = (bytes - first) / Math.max(1e-3, (now() - began) / 1000);
    const parts = [`${(bytes / MIB).toFixed(1)} of ${(total / MIB).toFixed(1)} MiB`];
    if (rate > 0) parts.push(`${(rate / MIB).toFixed(1)} MiB/s`, `${Math.ceil((total - bytes) / rate)} s left`);
    return parts.join(', ');
  };
  if (!stream.isTTY) return lines(name, total, stream, words);
  const bar = new cliProgress.SingleBar(
    { stream, hideCursor: true, format: `${name} {bar} {percentage} %  {words}` },
    cliProgress.Presets.shades_classic,
  );
  bar.start(total, 0, { words: '' });
  return { update: (bytes) => bar.update(bytes, { words: words(bytes) }), stop: () => bar.stop() };
}

function lines(
  name: string,
  total: number,
  stream: NodeJS.WritableStream,
  words: (bytes: number) => string,
): DownloadProgress {
  let tenth = -1;
  return {
    update: (bytes) => {
      const said = words(bytes);
      const now = Math.floor((10 * bytes) / total);
      if (now === tenth) return;
      tenth = now;
      stream.write(`${name}: ${said}\n`);
    },
    stop: () => undefined,
  };
}
