import type { HttpBindings } from '@hono/node-server';
import type { Context, MiddlewareHandler } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import type { Secrets } from './secrets.ts';

/** What the routes get from node. */
export interface ServerEnv {
  readonly Bindings: HttpBindings;
}

/** What the guard goes by. */
export interface GuardOptions {
  /** The port of the server. It is known when the first request comes. */
  readonly port: () => number;
  /** Absent: the page only reads, and needs no token. */
  readonly secrets: Secrets | undefined;
  /** Whether the process at the other end is of this user, as far as the machine tells. */
  isOurs(request: HttpBindings['incoming']): boolean;
}

const ACTIONS = '/api/actions';

/**
 * Lets through what the page of this server asks, and nothing else: no other user of the machine, no page of another
 * origin, and no name that somebody lets point at this machine (DNS rebinding).
 */
export function guard(options: GuardOptions): MiddlewareHandler<ServerEnv> {
  const { port, secrets, isOurs } = options;
  return async (c, next) => {
    const { method, path } = c.req;
    const hosts = hostsOf(port());
    if (!isOurs(c.env.incoming)) return refuse(c, 'this page is for another user of this machine');
    if (!hosts.includes(c.req.header('host') ?? '')) return refuse(c, `this server is http://${hosts[0]}/`);
    if (method !== 'GET' && !(method === 'POST' && path === ACTIONS && secrets !== undefined)) {
      c.header('Allow', path === ACTIONS && secrets !== undefined ? 'POST' : 'GET');
      return c.json({ error: { code: 'method', message: `${path} does not take ${method}` } }, 405);
    }
    if (!isFromHere(c)) return refuse(c, 'a page of another origin asks for it');
    if (secrets !== undefined) {
      const opened = openedBy(c, secrets, port());
      if (opened !== undefined) return opened;
      if (!secrets.isSession(getCookie(c, cookieName(port())))) {
        return refuse(c, 'open the URL that `agentq dashboard` has printed: the token in it is missing here');
      }
    }
    if (method === 'POST') {
      const origin = c.req.header('origin') ?? '';
      if (!hosts.some((host) => origin === `http://${host}`)) return refuse(c, 'a page of another origin asks for it');
      if (!/^application\/json\s*(?:;|$)/i.test(c.req.header('content-type') ?? '')) {
        return c.json(
          { error: { code: 'usage', message: 'an action must be JSON (content-type application/json)' } },
          415,
        );
      }
    }
    return next();
  };
}

/** The names by which a browser on this machine reaches the server. */
function hostsOf(port: number): readonly string[] {
  const names = ['127.0.0.1', 'localhost'];
  return port === 80 ? [...names, ...names.map((name) => `${name}:80`)] : names.map((name) => `${name}:${port}`);
}

/**
 * What the browser says about who asks. A link on another page may lead to the document. Without these headers, it is
 * not a browser of the last years.
 */
function isFromHere(c: Context<ServerEnv>): boolean {
  const site = c.req.header('sec-fetch-site');
  if (site === undefined || site === 'same-origin' || site === 'none') return true;
  return c.req.path === '/' && c.req.header('sec-fetch-mode') === 'navigate' && isTop(c.req.header('sec-fetch-dest'));
}

function isTop(destination: string | undefined): boolean {
  return destination === undefined || destination === 'document';
}

/** Exchanges the token in the URL for the session, so that it stays neither in the address nor in the history. */
function openedBy(c: Context<ServerEnv>, secrets: Secrets, port: number): Response | undefined {
  const token = c.req.path === '/' ? c.req.query('token') : undefined;
  if (token === undefined || !secrets.accepts(token)) return undefined;
  // Cookies of one host are shared by all ports: others have theirs.
  setCookie(c, cookieName(port), secrets.session, { httpOnly: true, sameSite: 'Strict', path: '/' });
  c.header('Cache-Control', 'no-store');
  const site = c.req.header('sec-fetch-site') ?? 'none';
  if (site === 'none' || site === 'same-origin') return c.redirect('/', 303);
  // After a link on another page, such as a terminal in a browser, a redirect would come without the cookie: it is
  // strict.
  return c.html('<!doctype html><meta http-equiv="refresh" content="0;url=/"><title>agentq</title>');
}

function cookieName(port: number): string {
  return `agentq-${port}`;
}

function refuse(c: Context<ServerEnv>, why: string): Response {
  c.header('Cache-Control', 'no-store');
  if (c.req.path.startsWith('/api/')) return c.json({ error: { code: 'refused', message: why } }, 403);
  return c.text(`${why}\n`, 403);
}
