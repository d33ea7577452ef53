import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

/** Debian's Chromium, or the one that CHROMIUM names. `npm run test:page` installs it. */
const PATH = process.env.CHROMIUM ?? '/usr/bin/chromium';

export const HAS_CHROMIUM: boolean = existsSync(PATH);

/** The name of tests in a browser: where there is none, it says what was skipped. */
export function inBrowser(name: string): string {
  return `${name}${HAS_CHROMIUM ? '' : ' (skipped: there is no Chromium; npm run test:page installs it)'}`;
}

let running: Promise<Browser> | undefined;

/** The browser of this process, started when it is first asked for. It ends with {@link closeBrowser}. */
function browser(): Promise<Browser> {
  running ??= chromium.launch({
    executablePath: PATH,
    // A name of somebody else that leads to this machine, as in DNS rebinding.
    args: ['--host-resolver-rules=MAP rebound.example 127.0.0.1'],
  });
  return running;
}

/** Ends the browser of this process, if there is one. */
export async function closeBrowser(): Promise<void> {
  const old = running;
  running = undefined;
  await (await old)?.close();
}

/** Somebody who looks at a page, with a browser profile of their own that forgets everything at the end. */
export class Visit implements AsyncDisposable {
  readonly page: Page;
  /** What the console says of errors and warnings, what nobody caught, dialogs, and requests to other places. */
  readonly problems: string[] = [];
  /** Every URL that was asked for. */
  readonly requests: string[] = [];

  private constructor(page: Page) {
    this.page = page;
  }

  static async begin(options: BrowserContextOptions = {}): Promise<Visit> {
    const context = await (await browser()).newContext({
      viewport: { width: 1440, height: 900 },
      timezoneId: 'UTC',
      locale: 'en-GB',
      ...options,
    });
    const visit = new Visit(await context.newPage());
    visit.#watch();
    return visit;
  }

  /** Opens a page that may ask nothing but its own origin, and waits until the queue is shown. */
  static async of(url: string, options: BrowserContextOptions = {}): Promise<Visit> {
    const visit = await Visit.begin(options);
    await visit.open(url);
    return visit;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.page.context().close();
  }

  async open(url: string): Promise<void> {
    await this.page.goto(url);
    await this.page.locator('main:not([aria-busy]) .overview').waitFor();
  }

  /** Requests that left the page's own origin (`data:` and `blob:` never leave the page). */
  foreign(origin: string): readonly string[] {
    return this.requests.filter((url) => !url.startsWith(`${origin}/`) && !/^(?:data|blob):/.test(url));
  }

  #watch(): void {
    const { page, problems, requests } = this;
    page.on('request', (request) => requests.push(request.url()));
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text());
    });
    page.on('pageerror', (error) => problems.push(String(error)));
  }
}
