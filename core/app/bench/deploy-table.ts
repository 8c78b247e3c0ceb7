import { checkInWords } from '../../io/export/words.js';
import { milliseconds, table } from './markdown.js';
import type { DeployReport } from './report.js';

const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);

/** What it takes to answer with a network, for people: a Markdown table. */
export function deployTable({ model, engine, device, image, entries, checked }: DeployReport): string {
  const head = ['', '1 image, ms', 'p99', '32 images, ms', 'p99', 'images/s', 'memory, MiB', 'file, MiB'];
  const rows = entries.map(({ name, latency, throughput, memory, file }) => [
    name,
    ...[latency[1], latency[32]].flatMap(({ median, p99 }) => [milliseconds(median), milliseconds(p99)]),
    throughput.toFixed(throughput < 100 ? 1 : 0),
    mebibytes(memory),
    mebibytes(file),
  ]);
  return `## ${model}

On ${engine} (${device}) unless the row says otherwise, images of ${image.join('x')}; ms is the median, p99 is in ms too; all in turns, in one run.
As ONNX: ${checkInWords(checked)}.

${table(head, rows)}
Memory: by how much a process of its own grew that loaded the network and answered, from all being loaded but the network to the highest point.
`;
}
