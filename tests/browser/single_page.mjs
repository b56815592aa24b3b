// Contoso SPA: single-page applications, whose scripts are the libraries as they were published.

import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { test } from 'node:test';

import { ALICE, BOB, FRANK } from '../clients/node/people.mjs';
import { CONTOSO_SPA, redirectingTo } from '../clients/node/registrations.mjs';
import { startServer } from '../clients/node/server.mjs';
import { openPage } from './chromium.mjs';

const PACKAGES = new URL('./node_modules/', import.meta.url);

/** A key and a certificate that it signed itself, in one text. */
function selfSigned() {
  const asked = '-x509 -newkey rsa:2048 -noenc -days 2 -subj /CN=localhost -keyout - -out -';
  const names = ['-addext', 'subjectAltName=DNS:localhost'];
  const stdio = ['ignore', 'pipe', 'ignore'];
  return execFileSync('openssl', ['req', ...asked.split(' '), ...names], { stdio });
}

function createListener(scheme, handler) {
  if (scheme === 'http') return createServer(handler);
  const both = selfSigned();
  return createSecureServer({ key: both, cert: both }, handler);
}

/** Listens until the test `t` ends. `pages` has for a path what its page loads and then runs. */
async function startSinglePageApp(t, scheme, pages) {
  const listener = createListener(scheme, async (request, answer) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    if (pathname.startsWith('/packages/')) {
      const file = new URL(pathname.slice('/packages/'.length), PACKAGES);
      answer.setHeader('content-type', 'text/javascript').end(await readFile(file));
      return;
    }
    const { library, run = '' } = pages[pathname] ?? {};
    const scripts = library ? `<script src="/packages/${library}"></script><script>${run}</script>` : '';
    answer.setHeader('content-type', 'text/html');
    answer.end(`<!doctype html><title>App</title><h1>Contoso SPA</h1>${scripts}`);
  });
  await new Promise((resolve) => { listener.listen(0, 'localhost', resolve); });
  t.after(() => {
    listener.closeAllConnections();
    listener.close();
  });
  return `${scheme}://localhost:${listener.address().port}`;
}

/**
 * A server, the application and a profile that has seen neither. `callback` is the path that the
 * application has registered.
 */
export async function begin(t, { listen, pages, callback = '/spa', scheme = 'http' }) {
  const app = await startSinglePageApp(t, scheme, pages);
  // The port counts for what a script may read.
  const world = await redirectingTo(t, `${app}${callback}`, CONTOSO_SPA.callback);
  const server = await startServer(t, [...listen, ...world]);
  // The profile knows neither the CA of the server nor the application's certificate.
  const options = { ignoreHTTPSErrors: true };
  const { page, unharmed } = await openPage(t, [server.origin, app], options);
  return { server, app, page, unharmed };
}

/** Tests of a client by name, whose `signIn(t, person)` is a whole sign-in at Contoso, checked. */
export function testThreePeople(client, signIn) {
  test(`${client}: Alice signs in`, (t) => signIn(t, ALICE));
  test(`${client}: Bob redeems at his home by the direct link`, (t) => signIn(t, BOB));
  test(`${client}: Frank redeems with a passcode by the direct link`, (t) => signIn(t, FRANK));
}
