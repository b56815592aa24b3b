// Guests redeem in a real browser.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CONTOSO, startServer } from '../clients/node/server.mjs';
import { expectPage, openPage, press, startApplication, useChromium } from './chromium.mjs';
import { acceptsOrganization, provesByPasscode } from './guest.mjs';
import { authorize } from './requests.mjs';

const FRANK = 'frank@northwind.example';
const CAROL = 'carol@outlook.com';

useChromium();

async function begin(t, options) {
  const server = await startServer(t, ['--http', '127.0.0.1:0', '--no-tls']);
  const app = await startApplication(t);
  const { page, unharmed } = await openPage(t, [server.origin, app.origin], options);
  return { server, app, page, unharmed };
}

/** Opens the newest invitation of Contoso in the guest's inbox and presses its button. */
async function followsInvitation(page, server, address) {
  await page.goto(`${server.origin}/inbox/${address}`);
  await page.getByRole('link', { name: 'Contoso invited you' }).click();
  await page.getByRole('link', { name: 'Accept invitation', exact: true }).click();
  await page.locator('#idSIButton9').waitFor();
}

function assertCode(page, app) {
  const url = new URL(page.url());
  assert.equal(url.origin + url.pathname, app.callback);
  assert.equal(url.searchParams.get('state'), 'state-1');
  assert.ok(url.searchParams.get('code'), page.url());
}

test('Frank redeems by e-mail and then signs in at once', async (t) => {
  const { server, app, page, unharmed } = await begin(t);
  await followsInvitation(page, server, FRANK);
  await provesByPasscode(page, server, FRANK);
  await acceptsOrganization(page);
  await expectPage(page, 'My Apps');
  await page.goto(authorize(server, { redirect_uri: app.callback }));
  assertCode(page, app);
  unharmed();
});

test('Carol redeems with her Microsoft account by the direct link', async (t) => {
  const { server, app, page, unharmed } = await begin(t);
  await page.goto(authorize(server, { redirect_uri: app.callback }));
  await expectPage(page, 'Sign in');
  await page.fill('#i0116', CAROL);
  await press(page, '#idSIButton9');
  await expectPage(page, 'Enter password');
  await page.fill('#i0118', 'guestpass');
  await press(page, '#idSIButton9');
  await acceptsOrganization(page);
  assertCode(page, app);
  unharmed();
});

const FEDERATED = {
  Erin: { address: 'erin@litware.example', provider: '/idp/litware/', protocol: 'SAML' },
  Heidi: { address: 'heidi@adatum.example', provider: '/idp/adatum/', protocol: 'WS-Fed' },
};

/** The provider's page knows who it is; its answer posts itself. */
async function signsInAtProvider(page, { address, provider }) {
  await expectPage(page, 'Sign in');
  assert.ok(page.url().includes(provider), page.url());
  assert.equal(await page.inputValue('#userNameInput'), address);
  await page.fill('#passwordInput', 'guestpass');
  await page.click('#submitButton');
  await page.locator('#idBtn_Accept').waitFor();
}

for (const [name, guest] of Object.entries(FEDERATED)) {
  test(`${name} redeems by e-mail with ${guest.protocol}`, async (t) => {
    const { server, app, page, unharmed } = await begin(t);
    await page.goto(await server.acceptLink(guest.address, CONTOSO));
    await signsInAtProvider(page, guest);
    await acceptsOrganization(page);
    await expectPage(page, 'My Apps');
    await page.goto(authorize(server, { redirect_uri: app.callback }));
    assertCode(page, app);
    unharmed();
  });

  test(`${name} redeems by the direct link with ${guest.protocol}`, async (t) => {
    const { server, app, page, unharmed } = await begin(t);
    await page.goto(authorize(server, { redirect_uri: app.callback }));
    await page.fill('#i0116', guest.address);
    await press(page, '#idSIButton9');
    await signsInAtProvider(page, guest);
    await acceptsOrganization(page);
    assertCode(page, app);
    unharmed();
  });
}

test('Carol redeems by e-mail without JavaScript', async (t) => {
  const { server, app, page, unharmed } = await begin(t, { javaScriptEnabled: false });
  await followsInvitation(page, server, CAROL);
  await provesByPasscode(page, server, CAROL);
  await acceptsOrganization(page);
  await expectPage(page, 'My Apps');
  await page.goto(authorize(server, { redirect_uri: app.callback }));
  assertCode(page, app);
  // An answer by form_post has a button for browsers that run no script.
  await page.goto(authorize(server, { redirect_uri: app.callback, response_mode: 'form_post' }));
  await expectPage(page, 'Going back to the application');
  await press(page, 'input[type=submit]');
  assert.equal(page.url(), app.callback);
  await expectPage(page, 'Back in the app');
  unharmed();
});

test('an answer by form_post sends itself', async (t) => {
  const { server, app, page, unharmed } = await begin(t);
  const posted = page.waitForRequest((request) => request.url() === app.callback);
  await page.goto(authorize(server, { redirect_uri: app.callback, response_mode: 'form_post' }));
  await page.fill('#i0116', 'alice@contoso.example');
  await press(page, '#idSIButton9');
  await page.fill('#i0118', 'guestpass');
  await press(page, '#idSIButton9');
  await expectPage(page, 'Stay signed in?');
  await page.click('#idSIButton9');
  await page.waitForURL(app.callback);
  const answer = new URLSearchParams((await posted).postData());
  assert.ok(answer.get('code'), `${answer}`);
  assert.equal(answer.get('state'), 'state-1');
  unharmed();
});
