import { z } from 'zod';
import { defineObserver, type NumberedEvent } from '../../core/contracts/index.js';
import { pathInside } from '../../core/io/files/index.js';
import { RUN_FILES } from '../../core/run/folder/layout.js';
import { openEventLines } from './event-lines.js';

const COLUMNS = [
  'sequence',
  'event',
  'phase',
  'epoch',
  'step',
  'loss',
  'accuracy',
  'learning_rate',
  'images',
  'active',
] as const;

type Row = Partial<Readonly<Record<(typeof COLUMNS)[number], string | number>>>;

/** Figures as a table, for spreadsheets and plots. */
export const csv = defineObserver({
  name: 'csv',
  summary: `Loss and accuracy as rows of ${RUN_FILES.metrics}`,
  options: z.strictObject({
    rows: z
      .enum(['epoch', 'step'])
      .default('epoch')
      .describe('a row for every epoch and evaluation, or for every step too'),
  }),
  start: ({ folder, firstSequence }, { rows }) => {
    const path = pathInside(folder, RUN_FILES.metrics);
    const { lines } = openEventLines({ path, firstSequence, header: COLUMNS.join(','), sequenceOf });
    return {
      next: (event) => {
        const row = rowOf(event);
        if (!row || (event.type === 'step' && rows === 'epoch')) return;
        const cells: Row = { sequence: event.sequence, ...row };
        lines.append(COLUMNS.map((column) => quoted(cells[column] ?? '')).join(','));
      },
      complete: () => lines.close(),
    };
  },
});

function rowOf(event: NumberedEvent): Row | undefined {
  switch (event.type) {
    case 'step': {
      const { type, phase, epoch, step, loss, learningRate, images, active } = event;
      return { event: type, phase, epoch, step, loss, learning_rate: learningRate, images, active };
    }
    case 'epoch-ended': {
      const { phase, epoch, step, loss, trainAccuracy } = event;
      return { event: 'train', phase, epoch, step, loss, accuracy: trainAccuracy };
    }
    case 'evaluation': {
      const { of, epoch, step, loss, accuracy, images } = event;
      return { event: `test (${of})`, epoch, step, loss, accuracy, images };
    }
    case 'run-started':
    case 'phase-started':
    case 'gates':
    case 'architecture':
    case 'checkpoint':
    case 'certificate':
    case 'export':
    case 'warning':
    case 'done':
      return undefined;
  }
}

function sequenceOf(line: string): number | undefined {
  const [, digits] = /^(\d{1,15}),/.exec(line) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

/** As RFC 4180 has it. */
function quoted(value: string | number): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
