// Members and guests sign in to a single-page application with @azure/msal-browser.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ALICE, assertClaims, BOB } from '../clients/node/people.mjs';
import { CONTOSO_SPA } from '../clients/node/registrations.mjs';
import { CONTOSO } from '../clients/node/server.mjs';
import { expectPage, press, useChromium } from './chromium.mjs';
import { signsIn } from './guest.mjs';
import { begin, testThreePeople } from './single_page.mjs';

const LIBRARY = '@azure/msal-browser/lib';
const SETUP = {
  listen: ['--http', '127.0.0.1:0', '--https', 'localhost:0'],
  pages: {
    '/spa': { library: `${LIBRARY}/msal-browser.min.js` },
    // Popups and frames come back to a page that only hands the answer over.
    '/': {
      library: `${LIBRARY}/redirect-bridge/msal-redirect-bridge.min.js`,
      run: 'msalRedirectBridge.broadcastResponseToMainFrame()',
    },
  },
};
const SCOPES = ['User.Read'];

useChromium();

/** Opens the application: what its library made of the address, if a sign-in came back to it. */
async function openApp({ page, server, app }) {
  const auth = {
    clientId: CONTOSO_SPA.client,
    authority: `${server.origin}/${CONTOSO}`,
    // Else it would ask login.microsoftonline.com whether this host is one of its own.
    knownAuthorities: [new URL(server.origin).host],
    redirectUri: `${app}/spa`,
  };
  return page.evaluate(async (configuration) => {
    globalThis.client = new globalThis.msal.PublicClientApplication(configuration);
    await globalThis.client.initialize();
    globalThis.what = ({ accessToken, account, idTokenClaims, fromCache }) => ({
      accessToken,
      fromCache,
      idTokenClaims,
      account: { home: account.homeAccountId, local: account.localAccountId, name: account.username },
    });
    const result = await globalThis.client.handleRedirectPromise();
    return result && globalThis.what(result);
  }, { auth });
}

async function goesToContoso(page, server) {
  const left = page.waitForURL(`${server.origin}/**`);
  await page.evaluate((scopes) => { globalThis.client.loginRedirect({ scopes }); }, SCOPES);
  await left;
}

async function assertResult(result, server, person) {
  assertClaims(result.idTokenClaims, server, person, CONTOSO_SPA.client);
  const { address, homeAccountId, oid } = person;
  assert.deepEqual(result.account, { home: homeAccountId, local: oid, name: address });
  assert.equal((await server.graph('me', result.accessToken)).id, oid);
}

const silently = (page, how) => page.evaluate(async (request) => {
  const [account] = globalThis.client.getAllAccounts();
  return globalThis.what(await globalThis.client.acquireTokenSilent({ ...request, account }));
}, { scopes: SCOPES, ...how });

testThreePeople('msal-browser', async (t, person) => {
  const all = await begin(t, SETUP);
  const { page, server, app, unharmed } = all;
  await page.goto(`${app}/spa`);
  assert.equal(await openApp(all), null);
  await goesToContoso(page, server);
  await signsIn(page, server, person);
  await page.waitForURL(`${app}/spa**`);

  const result = await openApp(all);
  await assertResult(result, server, person);
  const cached = await silently(page);
  assert.equal(cached.fromCache, true);
  assert.equal(cached.accessToken, result.accessToken);
  const fresh = await silently(page, { forceRefresh: true });
  assert.equal(fresh.fromCache, false);
  assert.notEqual(fresh.accessToken, result.accessToken);
  await assertResult(fresh, server, person);
  unharmed();
});

async function signsInByPopup({ page, server, app }, person) {
  await page.goto(`${app}/spa`);
  await openApp({ page, server, app });
  const opened = page.waitForEvent('popup');
  const signedIn = page.evaluate(async (request) => (
    globalThis.what(await globalThis.client.loginPopup(request))
  ), { scopes: SCOPES, redirectUri: `${app}/` });
  const popup = await opened;
  await popup.waitForSelector('#i0116');
  await signsIn(popup, server, person, (_, selector) => Promise.all([
    popup.waitForEvent('close'),
    popup.click(selector),
  ]));
  await assertResult(await signedIn, server, person);
}

test('msal-browser: Alice signs in by a popup and signs out', async (t) => {
  const all = await begin(t, SETUP);
  const { page, server, app, unharmed } = all;
  await signsInByPopup(all, ALICE);
  const back = page.waitForURL(`${app}/spa?state=*`);
  await page.evaluate(() => { globalThis.client.logoutRedirect(); });
  await back;
  assert.equal(await openApp(all), null);
  await goesToContoso(page, server);
  await expectPage(page, 'Sign in');
  unharmed();
});

test('msal-browser: Bob signs out here and at home, and is asked nothing', async (t) => {
  const all = await begin(t, SETUP);
  const { page, server, app, unharmed } = all;
  await signsInByPopup(all, BOB);
  const back = page.waitForURL(`${app}/spa?state=*`);
  await page.evaluate(() => {
    const [account] = globalThis.client.getAllAccounts();
    globalThis.client.logoutRedirect({ account });
  });
  await back;
  assert.equal(await openApp(all), null);
  assert.deepEqual(await page.evaluate(() => globalThis.client.getAllAccounts()), []);
  await goesToContoso(page, server);
  await expectPage(page, 'Sign in');
  await page.fill('#i0116', BOB.address);
  await press(page, '#idSIButton9');
  await expectPage(page, 'Enter password');
  unharmed();
});

// Over http the server would be another site, whose cookies Chromium keeps from a frame.
test('msal-browser: Bob signs in again in a hidden frame', async (t) => {
  const all = await begin(t, { ...SETUP, scheme: 'https', callback: '/' });
  const { page, server, app, unharmed } = all;
  await signsInByPopup(all, BOB);
  const framed = page.waitForRequest((request) => request.url().includes('prompt=none'));
  const again = await page.evaluate(async (request) => (
    globalThis.what(await globalThis.client.ssoSilent(request))
  ), { scopes: SCOPES, redirectUri: `${app}/`, loginHint: BOB.address });
  assert.notEqual((await framed).frame(), page.mainFrame());
  await assertResult(again, server, BOB);
  unharmed();
});
