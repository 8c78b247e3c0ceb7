import { percent } from '../compare/report/format.js';
import { type Html, escaped, markup } from '../compare/report/markup.js';
import { coloursOf } from '../compare/report/palette.js';
import { legend } from '../compare/report/sections/pieces.js';
import type { Entry } from './folders.js';
import type { RunFollower, Training } from './follow.js';
import { figure, progressCell, span, stateCell } from './layout.js';
import { PICTURES } from './run-pictures.js';
import type { Summary } from './summary.js';

// One run, as it goes on: where it is, its curves beside those of its baseline, what its search does, the proof and the warnings.

const TITLES: Readonly<Record<string, string>> = {
  loss: 'Training loss',
  accuracy: 'Accuracy',
  'learning-rate': 'Learning rate',
  gates: 'The search',
  architecture: 'Branches',
};

/** Everything that a run's page shows. */
export interface RunView {
  readonly summary: Summary;
  readonly follower: RunFollower;
  /** Runs that it may be put beside. */
  readonly others: readonly Entry[];
}

const trainingsOf = ({ trainings }: RunFollower) => trainings.map((training) => ({ name: training.entrant, training }));

/** One of a run's pictures as SVG; undefined if there is nothing to draw yet. */
export const runPicture = (follower: RunFollower, name: string): string | undefined =>
  Object.hasOwn(PICTURES, name) ? PICTURES[name]?.(trainingsOf(follower)) : undefined;

export function runPage({ summary, follower, others }: RunView): Html {
  const { id, name, state, secondsLeft } = summary;
  const pictures = Object.keys(PICTURES).flatMap((picture) => {
    const svg = runPicture(follower, picture);
    if (svg === undefined) return [];
    return [
      markup`<div class="panel"><h3>${escaped(TITLES[picture] ?? picture)}</h3>${figure(`${name.replaceAll('/', '-')}-${picture}`, svg, `/figure/${id}/${picture}.svg`)}</div>`,
    ];
  });
  const facts: [string, Html][] = [
    ['state', stateCell(state)],
    ...(secondsLeft === undefined ? [] : [['time left', escaped(span(secondsLeft))] as [string, Html]]),
    ...(state === 'running' && follower.imagesPerSecond !== undefined
      ? [['images a second', escaped(follower.imagesPerSecond.toFixed(0))] as [string, Html]]
      : []),
    ['dataset', escaped(summary.dataset)],
    ['backbone', escaped(summary.backbone)],
  ];
  return markup`<header><h1>${escaped(name)}</h1></header>
<dl>${facts.map(([term, value]) => markup`<dt>${escaped(term)}</dt><dd>${value}</dd>`)}</dl>
${follower.trainings.map(trainingSection)}
${follower.trainings.length > 1 ? legend(coloursOf(follower.trainings.map(({ entrant }) => entrant))) : markup``}
<div class="panels pair">${pictures}</div>
${warnings(follower.warnings)}
<section><h2>More</h2><p><a href="/series/${escaped(id)}.csv" download>curves as CSV</a></p>
<form class="filter" method="get" action="/two"><input type="hidden" name="a" value="${escaped(id)}"><label for="b">beside another run<select id="b" name="b">${others.map((other) => markup`<option value="${escaped(other.id)}">${escaped(other.name)}</option>`)}</select></label><button>compare</button></form></section>`;
}

function trainingSection(training: Training): Html {
  const { entrant, engine, device, phase, step, totalSteps, certificate } = training;
  const newest = training.epochs.findLast(({ images }) => images !== 'training');
  const proof = certificate
    ? `fused and multi-branch outputs differ by ${certificate.relativeError.toExponential(1)} relative (${certificate.tolerance} allowed), same class for ${percent(certificate.argmaxAgreement)} % of ${certificate.images} images`
    : '';
  return markup`<section><h2>${escaped(entrant)}</h2><dl><dt>progress</dt><dd>${progressCell(totalSteps > 0 ? step / totalSteps : 0)} ${escaped(`step ${step} of ${totalSteps}${phase ? `, ${phase}` : ''}`)}</dd>
<dt>engine</dt><dd>${escaped(`${device} (${engine})`)}</dd>
${newest ? markup`<dt>accuracy</dt><dd>${escaped(`${percent(newest.accuracy)} % (${newest.images === 'fused' ? 'fused' : 'multi-branch'}, step ${newest.step})`)}</dd>` : markup``}
${proof ? markup`<dt>certificate</dt><dd>${escaped(proof)}</dd>` : markup``}</dl></section>`;
}

const warnings = (messages: readonly string[]): Html =>
  messages.length === 0
    ? markup``
    : markup`<section><h2>Warnings</h2><ul class="warnings">${messages.map((message) => markup`<li>${escaped(message)}</li>`)}</ul></section>`;

/** The curves of a run as CSV: a line for each point, empty where it has no such figure. */
export function seriesCsv({ trainings }: RunFollower): string {
  const quoted = (text: string): string =>
    /^[\w.-]+$/.test(text) ? text : `"${text.replaceAll('"', '""').replace(/^[=+@-]/, "'$&")}"`;
  const lines = trainings.flatMap(({ entrant, steps, epochs }) => [
    ...steps.map(({ step, loss, learningRate }) => [quoted(entrant), step, loss, learningRate, '', ''].join()),
    ...epochs.map(({ step, images, accuracy, loss }) => [quoted(entrant), step, loss, '', images, accuracy].join()),
  ]);
  return `${['training,step,loss,learning_rate,images,accuracy', ...lines].join('\n')}\n`;
}
