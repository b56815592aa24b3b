// Members and guests sign in to a single-page application with oidc-client-ts, over http.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { assertClaims, BOB } from '../clients/node/people.mjs';
import { CONTOSO_SPA } from '../clients/node/registrations.mjs';
import { CONTOSO } from '../clients/node/server.mjs';
import { expectPage, press, useChromium } from './chromium.mjs';
import { signsIn } from './guest.mjs';
import { begin, testThreePeople } from './single_page.mjs';

const SCOPE = 'openid profile email User.Read';
const SETUP = {
  listen: ['--http', 'localhost:0', '--no-tls'],
  pages: {
    '/spa': {
      library: 'oidc-client-ts/dist/browser/oidc-client-ts.min.js',
      // The same page in a hidden frame only hands the answer over.
      run: 'if (parent !== window) new oidc.UserManager({}).signinSilentCallback()',
    },
  },
};

useChromium();

async function openApp({ page, server, app }, scope) {
  await page.evaluate((settings) => {
    globalThis.manager = new globalThis.oidc.UserManager(settings);
  }, {
    authority: server.issuer(CONTOSO),
    client_id: CONTOSO_SPA.client,
    redirect_uri: `${app}/spa`,
    scope,
    // It would drop what it has checked.
    filterProtocolClaims: false,
  });
}

/** Calls a method of the library that signs somebody in. */
const call = (page, method) => page.evaluate(async (name) => {
  const user = await globalThis.manager[name]();
  return { profile: user.profile, accessToken: user.access_token, idToken: user.id_token };
}, method);

async function signsInAndComesBack(all, person, scope) {
  const { page, server, app } = all;
  await page.goto(`${app}/spa`);
  await openApp(all, scope);
  const left = page.waitForURL(`${server.origin}/**`);
  await page.evaluate(() => { globalThis.manager.signinRedirect(); });
  await left;
  await signsIn(page, server, person);
  await page.waitForURL(`${app}/spa?**`);
  await openApp(all, scope);
  return call(page, 'signinCallback');
}

async function assertUser(user, server, person) {
  assertClaims(user.profile, server, person, CONTOSO_SPA.client);
  assert.equal(user.profile.email, person.address);
  assert.equal((await server.graph('me', user.accessToken)).id, person.oid);
}

testThreePeople('oidc-client-ts', async (t, person) => {
  const all = await begin(t, SETUP);
  const { page, server, unharmed } = all;
  const user = await signsInAndComesBack(all, person, `${SCOPE} offline_access`);
  await assertUser(user, server, person);
  // It has a refresh token to do this with.
  const fresh = await call(page, 'signinSilent');
  assert.notEqual(fresh.accessToken, user.accessToken);
  await assertUser(fresh, server, person);
  unharmed();
});

test('oidc-client-ts: Bob signs out here and at home, and is asked nothing', async (t) => {
  const all = await begin(t, SETUP);
  const { page, server, app, unharmed } = all;
  await signsInAndComesBack(all, BOB, SCOPE);
  await openApp(all, SCOPE);
  const back = page.waitForURL(`${app}/spa?state=*`);
  await page.evaluate((uri) => {
    globalThis.manager.signoutRedirect({ post_logout_redirect_uri: uri, state: 'mine' });
  }, `${app}/spa`);
  await back;
  await openApp(all, SCOPE);
  const { userState } = await page.evaluate(() => globalThis.manager.signoutCallback());
  assert.equal(userState, 'mine');
  const left = page.waitForURL(`${server.origin}/**`);
  await page.evaluate(() => { globalThis.manager.signinRedirect(); });
  await left;
  await expectPage(page, 'Sign in');
  await page.fill('#i0116', BOB.address);
  await press(page, '#idSIButton9');
  await expectPage(page, 'Enter password');
  unharmed();
});

test('oidc-client-ts: Bob signs in again in a hidden frame', async (t) => {
  const all = await begin(t, SETUP);
  const { page, server, unharmed } = all;
  const user = await signsInAndComesBack(all, BOB, SCOPE);
  const framed = page.waitForRequest((request) => request.url().includes('prompt=none'));
  const again = await call(page, 'signinSilent');
  assert.notEqual((await framed).frame(), page.mainFrame());
  assert.notEqual(again.idToken, user.idToken);
  await assertUser(again, server, BOB);
  unharmed();
});
