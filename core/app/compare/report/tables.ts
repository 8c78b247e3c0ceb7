import { count, mean, milliseconds, percent, seconds, signed, times, whole, withMargin } from './format.js';
import type { EntrantReport, Report } from './report.js';

export interface Column {
  readonly title: string;
  readonly cell: (entrant: EntrantReport) => string;
}

export interface Table {
  readonly title: string;
  /** How its figures are meant. */
  readonly note: string;
  readonly columns: readonly Column[];
  /** Entrants that the table lists. Default: all. */
  readonly rows?: readonly EntrantReport[];
}

const entrant: Column = { title: 'entrant', cell: ({ entrant }) => entrant };

/** The report's tables, for Markdown and HTML alike, without columns in which nothing stands. */
export function tablesOf(report: Report): Table[] {
  return [accuracyTable(report), costTable(report), equalTimeTable(report), latencyTable(report), ENTRANTS]
    .map((table) => ({
      ...table,
      columns: table.columns.filter(({ cell }) => (table.rows ?? report.entrants).some((one) => cell(one) !== '')),
    }))
    .filter(({ columns }) => columns.length > 1);
}

function accuracyTable({ seeds, against, testImages }: Report): Table {
  return {
    title: 'Accuracy',
    note: `Of the fused network on ${testImages.join(' or ')} test images. ± is half of a 95 % interval by Student's t over the n seeds; differences are paired by seed; one measurement alone has no interval. "Can show" is the smallest difference that so many seeds would show, in points, at a level of 5 % and a power of 80 %. Accuracies, differences and chosen branches are decided by the seeds: the same command gives the same on the same engine, processor and number of threads. Times, memory and latency are measurements.`,
    columns: [
      entrant,
      { title: 'accuracy, %', cell: ({ accuracy }) => withMargin(accuracy, percent) },
      { title: 'n', cell: ({ accuracy }) => (accuracy ? String(accuracy.n) : '') },
      ...against.map((other) => ({
        title: `over ${other}, points`,
        cell: ({ over }: EntrantReport) => {
          const found = over[other];
          return found && found.n < seeds.length
            ? `${signed(found, percent)} (n = ${found.n})`
            : signed(found, percent);
        },
      })),
      ...against.slice(0, 1).map((other) => ({
        title: `can show over ${other}`,
        cell: ({ detectable }: EntrantReport) => {
          const found = detectable[other];
          return found === undefined ? '' : percent(found);
        },
      })),
      {
        title: `each seed (${seeds.join(', ')}), %`,
        cell: ({ accuracy }) => (accuracy ? seeds.map((seed) => mean1(accuracy.bySeed[seed])).join(', ') : ''),
      },
      {
        title: 'failed',
        cell: ({ failed }) => failed.map(({ seed, reason }) => `seed ${seed}: ${reason}`).join('; '),
      },
    ],
  };
}

const mean1 = (share: number | undefined): string => (share === undefined ? '–' : percent(share));

const timesNote = (jobs: readonly number[]): string =>
  `Seconds from the first step to the last, evaluations and starting left out, ${jobs.join(' or ')} ${jobs.join() === '1' ? 'trial' : 'trials'} at a time; search is the part until the architecture was decided. Memory is the highest resident set of the trial's own process. `;

const SIZES =
  'Parameters and multiply-adds for one image: of the multi-branch form at the end of training, batch-norms included, and of the fused form.';

function costTable({ against, jobs, entrants }: Report): Table {
  // A run of its own is not timed.
  const timed = entrants.some(({ trainingSeconds }) => trainingSeconds);
  return {
    title: timed ? 'Cost of training' : 'Size',
    note: `${timed ? timesNote(jobs) : ''}${SIZES} Means over the seeds.`,
    columns: [
      entrant,
      { title: 'training, s', cell: ({ trainingSeconds }) => withMargin(trainingSeconds, seconds) },
      ...against.slice(0, 1).map((other) => ({
        title: `over ${other}'s time`,
        cell: ({ timesTraining }: EntrantReport) => mean(timesTraining[other], times),
      })),
      { title: 'search, s', cell: ({ searchSeconds }) => mean(searchSeconds, seconds) },
      { title: 'search, steps', cell: ({ searchSteps }) => mean(searchSteps, whole) },
      { title: 'peak memory, MiB', cell: ({ peakMiB }) => mean(peakMiB, whole) },
      { title: 'parameters, training', cell: ({ trainingForm }) => mean(trainingForm?.parameters, count) },
      { title: 'parameters, fused', cell: ({ fusedForm }) => mean(fusedForm?.parameters, count) },
      { title: 'multiply-adds, training', cell: ({ trainingForm }) => mean(trainingForm?.macs, count) },
      { title: 'multiply-adds, fused', cell: ({ fusedForm }) => mean(fusedForm?.macs, count) },
    ],
  };
}

/** Empty if no entrant was trained again. */
function equalTimeTable({ entrants }: Report): Table {
  const rows = entrants.filter(({ equalTime }) => equalTime);
  return {
    title: 'At equal training time',
    note: 'Entrants trained once more, for as many epochs as fit in the time that another one took: what that one gains over them at the same number of epochs, and at the same time. In points, paired by seed.',
    rows,
    columns:
      rows.length === 0
        ? []
        : [
            entrant,
            { title: 'accuracy, %', cell: ({ accuracy }) => withMargin(accuracy, percent) },
            { title: 'training, s', cell: ({ trainingSeconds }) => withMargin(trainingSeconds, seconds) },
            { title: 'share of its time', cell: ({ equalTime }) => mean(equalTime?.timeRatio, times) },
            { title: 'the other', cell: ({ equalTime }) => equalTime?.to ?? '' },
            { title: 'gains at equal epochs', cell: ({ equalTime }) => signed(equalTime?.atEqualEpochs, percent) },
            { title: 'gains at equal time', cell: ({ equalTime }) => signed(equalTime?.atEqualTime, percent) },
          ],
  };
}

function latencyTable({ entrants, measuredOn }: Report): Table {
  const batch = entrants.find(({ latency }) => latency)?.latency?.batch ?? 1;
  return {
    title: 'Latency of inference',
    note: `Milliseconds for ${batch === 1 ? 'one image' : `${batch} images`}, timed with tinybench, multi-branch and fused in turns: the median over the seeds of each one's median, the highest p99, samples of all seeds together. The gain is unfused over fused.`,
    columns: [
      entrant,
      { title: 'unfused median, ms', cell: ({ latency }) => (latency ? milliseconds(latency.unfused.median) : '') },
      { title: 'fused median, ms', cell: ({ latency }) => (latency ? milliseconds(latency.fused.median) : '') },
      { title: 'gain', cell: ({ latency }) => mean(latency?.speedUp, times) },
      { title: 'unfused p99, ms', cell: ({ latency }) => (latency ? milliseconds(latency.unfused.p99) : '') },
      { title: 'fused p99, ms', cell: ({ latency }) => (latency ? milliseconds(latency.fused.p99) : '') },
      {
        title: 'samples',
        cell: ({ latency }) => (latency ? `${latency.unfused.samples} + ${latency.fused.samples}` : ''),
      },
      // The caption names the one place where all were measured.
      {
        title: 'measured on',
        cell: (one) => (one.latency && measuredOn.length > 1 ? one.measuredOn.join('; ') : ''),
      },
    ],
  };
}

const ENTRANTS: Table = {
  title: 'Entrants',
  note: 'The settings in which they differ; all others are the same.',
  columns: [
    entrant,
    {
      title: 'settings',
      cell: ({ settings }) =>
        Object.entries(settings)
          .filter(([, value]) => value !== undefined)
          .map(([path, value]) => `${path} ${JSON.stringify(value)}`)
          .join(', '),
    },
  ],
};

/** How far it is, and who measured it. */
export function caption({ seeds, entrants, measuredOn, versions, trials }: Report): string {
  const sentences = [
    `${entrants.length} ${entrants.length === 1 ? 'entrant' : 'entrants'}, ${seeds.length === 1 ? 'seed' : 'seeds'} ${seeds.join(', ')}`,
    progress(trials),
    `Measured on ${measuredOn.join('; ') || 'nothing yet'}${versions['node'] ? `, Node ${versions['node']}` : ''}`,
  ];
  return `${sentences.join('. ')}.`;
}

function progress({ planned, done, failed }: Report['trials']): string {
  const missing = planned - done - failed;
  const parts = [
    `${done} of ${planned} ${planned === 1 ? 'trial' : 'trials'} finished`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(missing > 0 ? [`${missing} still to run: this report is of a part`] : []),
  ];
  return parts.join(', ');
}
