import { existsSync, readFileSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Absent where no browser is installed. */
export const chromiumPath: string | undefined = PLACES.find((path) => existsSync(path));

export const NO_BROWSER = `no browser at ${PLACES.join(', ')} (Debian: apt-get install chromium)`;

/** A browser with a profile of its own that reaches for nothing. */
export const startChromium = (): Promise<Browser> =>
  chromium.launch({
    executablePath: chromiumPath as string,
    // However long that takes on a busy machine.
    timeout: 0,
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });

const IN_PAGE = readFileSync('test/browser/in-page.js', 'utf8');

const ask = (page: Page, question: string): Promise<string[]> => page.evaluate(`${IN_PAGE};seen.${question}`);

/** What a person at this width could not see whole, in words: empty where all is well. */
export const cutOff = (page: Page): Promise<string[]> => ask(page, 'cutOff()');

/** Letters that nobody can read: smaller than so many pixels on the screen. */
export const tooSmall = (page: Page, pixels: number): Promise<string[]> => ask(page, `tooSmall(${pixels})`);

/** Words of a picture that lie on one another. */
export const overlapping = (page: Page): Promise<string[]> => ask(page, 'overlapping()');
