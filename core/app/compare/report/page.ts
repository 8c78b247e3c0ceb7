import type { ComparisonDescription } from '../description.js';
import type { History } from './history.js';
import type { Report } from './report.js';

/** What a report is made of. */
export interface ReportSource {
  readonly report: Report;
  readonly history: History;
  readonly description: ComparisonDescription;
}

/** What the sections of a page share. */
export interface Page extends ReportSource {
  /** By entrant. */
  readonly colours: ReadonlyMap<string, string>;
  /** Branch ops of all entrants, in the order of the search space. */
  readonly ops: readonly string[];
  readonly opColours: ReadonlyMap<string, string>;
}
