import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';

// Who may look. On this machine's own address nobody else reaches the server, except by way of a browser that was talked into asking:
// so a name that is not this machine's is refused (DNS rebinding). On any other address a secret is asked for.

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]', '::1']);

/** True for addresses that only this machine reaches. */
export const isLoopback = (host: string): boolean => LOOPBACK.has(host);

/** A secret that nobody guesses, for an address. */
export const createToken = (): string => randomBytes(24).toString('base64url');

const COOKIE = 'repnas-token';

/** Refuses requests by a foreign name, methods that change something, and, with a token, those who do not know it. */
export function guard(token: string | undefined): MiddlewareHandler {
  return async (context, next) => {
    if (context.req.method !== 'GET' && context.req.method !== 'HEAD')
      return context.text('The dashboard only shows.', 405);
    const name = (context.req.header('host') ?? '').replace(/:\d+$/, '');
    if (token === undefined) {
      if (!isLoopback(name))
        return context.text(`The dashboard does not answer to the name ${JSON.stringify(name)}.`, 403);
    } else {
      const given = context.req.query('token');
      const known = equal(given, token) || equal(getCookie(context, COOKIE), token);
      if (!known) return context.text('Give the token that the command printed: …/?token=…', 401);
      if (given !== undefined) setCookie(context, COOKIE, token, { httpOnly: true, sameSite: 'Strict', path: '/' });
    }
    await next();
    context.header(
      'content-security-policy',
      "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    );
    context.header('x-content-type-options', 'nosniff');
    context.header('referrer-policy', 'no-referrer');
    context.header('cache-control', 'no-store');
    return undefined;
  };
}

function equal(given: string | undefined, expected: string): boolean {
  const [a, b] = [Buffer.from(given ?? ''), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
