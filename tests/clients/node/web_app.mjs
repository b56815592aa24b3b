// A web application of a test, and how a person signs in to it.

import assert from 'node:assert/strict';
import { Browser } from './browser.mjs';
import * as guest from './guest.mjs';

/**
 * Lets an application listen until the test `t` ends. Any port is as good as the one of its
 * redirect URI: Entra ignores the port of http on localhost.
 */
export async function listen(t, app) {
  const listener = await new Promise((resolve) => {
    const started = app.listen(0, 'localhost', () => resolve(started));
  });
  t.after(() => {
    listener.closeAllConnections();
    listener.close();
  });
  return `http://localhost:${listener.address().port}`;
}

const opensLogin = (visitor) => visitor.open('/login');

/** The person begins at the application, signs in at Contoso and is sent back. */
export async function signInTo(origin, server, browser, person, begins = opensLogin) {
  // The application's cookies are not the server's: a browser for each.
  const visitor = new Browser({ origin });
  await begins(visitor);
  assert.equal(visitor.left?.origin, server.origin, `no sign-in: ${visitor.text}`);
  await browser.open(visitor.left);
  await guest.signsIn(browser, server, person);
  if (!browser.left) await browser.returnsToApplication();
  assert.equal(browser.left.origin, origin);
  if (browser.posted) await visitor.post(browser.left, browser.posted);
  else await visitor.open(browser.left);
  return visitor;
}
