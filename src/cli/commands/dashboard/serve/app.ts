import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { compress } from 'hono/compress';
import { etag } from 'hono/etag';
import { secureHeaders } from 'hono/secure-headers';
import { streamSSE } from 'hono/streaming';
import type { Log } from '../../../output/log.ts';
import type { Actions } from './actions.ts';
import type { Boards } from './boards.ts';
import { answerTo } from './failed.ts';
import type { Feed } from './feed.ts';
import { type GuardOptions, guard, type ServerEnv } from './guard.ts';
import type { Page } from './page.ts';
import { type PageFiles, shellOf } from './page-files.ts';

/** Most pages at once. */
const MOST_PAGES = 200;

/** Longest action (bytes). A note has a limit of its own. */
const MOST_BYTES = 64 * 1024;

/** What the routes work with. */
export interface AppOptions extends GuardOptions {
  readonly feed: Feed;
  readonly boards: Pick<Boards, 'details'>;
  /** Absent: the page only reads. */
  readonly actions: Actions | undefined;
  readonly page: PageFiles;
  /** What the queue is called. */
  readonly name: string;
  readonly version: string;
  readonly log: Log;
}

/** The routes of the dashboard. */
export function appOf(options: AppOptions): Hono<ServerEnv> {
  const { feed, boards, actions, page, name, version, log } = options;
  const app = new Hono<ServerEnv>();
  app.use(headers());
  app.use(guard(options));
  app.use(compress());
  app.use('/api/*', async (c, next) => {
    await next();
    c.header('Cache-Control', 'no-store');
  });

  const files = {
    '/': [shellOf(page.shell, { mode: 'live', name, actions: actions !== undefined, version }), 'text/html'],
    '/page.js': [page.script, 'text/javascript'],
    '/page.css': [page.styles, 'text/css'],
  } as const;
  for (const [path, [text, type]] of Object.entries(files)) {
    app.get(path, etag(), (c) =>
      c.body(text, 200, { 'Content-Type': `${type}; charset=utf-8`, 'Cache-Control': 'no-cache' }),
    );
  }

  app.get('/api/board', etag(), async (c) => {
    const { revision, json } = await feed.current();
    return c.body(json, 200, { 'Content-Type': 'application/json', ETag: `"${revision}"` });
  });

  app.get('/api/events', (c) => {
    if (feed.pages >= MOST_PAGES) {
      return c.json({ error: { code: 'busy', message: `${MOST_PAGES} pages are open already` } }, 503);
    }
    const opened = feed.open();
    return streamSSE(c, async (stream) => {
      stream.onAbort(() => opened.close());
      try {
        await send(opened, stream);
      } finally {
        opened.close();
      }
    });
  });

  app.get('/api/tasks/:project/:task', async (c) => {
    const { project, task } = c.req.param();
    await feed.current();
    const details = await boards.details({ project, task });
    if (details !== undefined) return c.json(details);
    return c.json({ error: { code: 'unknown-task', message: 'there is no such task any more' } }, 404);
  });

  if (actions !== undefined) {
    app.post('/api/actions', bodyLimit({ maxSize: MOST_BYTES }), async (c) => {
      const message = await actions.carryOut(await c.req.text());
      return c.json({ message });
    });
  }

  app.notFound((c) => c.json({ error: { code: 'not-found', message: 'there is no such page' } }, 404));
  app.onError(async (error, c) => {
    const { status, body } = await answerTo(error);
    log.debug(`${c.req.method} ${c.req.path}: ${body.error.message}`);
    return c.json(body, status);
  });
  return app;
}

interface EventStream {
  writeSSE(message: { event: string; data: string }): Promise<void>;
  write(text: string): Promise<unknown>;
}

/** Each write resolves when the page has taken what came before it. */
async function send(page: Page, stream: EventStream): Promise<void> {
  for (;;) {
    const message = await page.next();
    if (message === undefined) return;
    if (message === 'alive') await stream.write(':\n\n');
    else await stream.writeSSE(message);
  }
}

/** Nothing comes from, or goes to, anywhere else. */
function headers() {
  return secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'", 'data:'],
      connectSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
    // It would be about the whole host, and there is no https here.
    strictTransportSecurity: false,
    xFrameOptions: 'DENY',
  });
}
