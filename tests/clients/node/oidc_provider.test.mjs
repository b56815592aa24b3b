// A real OpenID Connect provider as Google and as a guest's home: npm oidc-provider, with default
// settings.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { begin } from './case.mjs';
import * as guest from './guest.mjs';
import { OidcProvider, REGISTRATION } from './oidc_provider.mjs';
import { OpenidClientApp } from './openid_client_app.mjs';
import { BOB, DAVE } from './people.mjs';
import { withFabrikamAt, withGoogleAt } from './registrations.mjs';
import { CONTOSO } from './server.mjs';

const SUBJECT = '117000000000000000042';
const VERIFIED = { email: DAVE.address, email_verified: true, name: 'Dave at his provider' };

async function withProvider(t, claims = VERIFIED, placed = withGoogleAt) {
  const provider = await OidcProvider.start(t);
  const flags = await placed(t, provider.issuer, REGISTRATION);
  const { server, browser } = await begin(t, flags);
  const callback = `${server.origin}/te/${CONTOSO}/oauth2/authresp`;
  provider.open({ callback, subject: SUBJECT, claims });
  return { provider, server, browser };
}

/** From guestpass to the provider and back. */
async function provesAt(provider, browser, hint = DAVE.address) {
  assert.equal(browser.left?.origin, provider.issuer, browser.text);
  assert.equal(browser.left.searchParams.get('login_hint'), hint);
  await browser.open(await provider.signsIn(browser.left, SUBJECT));
}

/** What the tokens and Graph say of Dave. */
async function checkDave(app, server, tokens) {
  await app.check(tokens, DAVE);
  const select = 'me?$select=identities,externalUserState,mail';
  const me = await server.graph(select, tokens.access_token);
  assert.deepEqual(me.identities[0], {
    signInType: 'federated',
    issuer: 'google.com',
    issuerAssignedId: SUBJECT,
  });
  assert.equal(me.externalUserState, 'Accepted');
  assert.equal(me.mail, DAVE.address);
}

async function opens(browser, server) {
  const app = await OpenidClientApp.of(server);
  const { url, checks } = await app.begin();
  await browser.open(url);
  return { app, checks };
}

test('oidc-provider as Google: Dave redeems by the direct link', async (t) => {
  const { provider, server, browser } = await withProvider(t);
  const { app, checks } = await opens(browser, server);
  await guest.typesName(browser, DAVE.address);
  await provesAt(provider, browser);
  await guest.acceptsOrganization(browser);
  await checkDave(app, server, await app.finish(browser, checks));
});

test('oidc-provider as Google: Dave redeems by e-mail, then signs in without a page', async (t) => {
  const { provider, server, browser } = await withProvider(t);
  await browser.open(await server.acceptLink(DAVE.address, CONTOSO));
  await provesAt(provider, browser);
  await guest.acceptsOrganization(browser);
  browser.expect('My Apps');
  const { app, checks } = await opens(browser, server);
  await checkDave(app, server, await app.finish(browser, checks));
});

// The library knows no `prompt=select_account`.
test('oidc-provider as Google: Dave uses the button', async (t) => {
  const { provider, server, browser } = await withProvider(t);
  const { app, checks } = await opens(browser, server);
  await browser.click('button[value=google]');
  await provesAt(provider, browser, null);
  await guest.acceptsOrganization(browser);
  await checkDave(app, server, await app.finish(browser, checks));
});

test('oidc-provider as Google: an address that it has not verified is nobody\'s', async (t) => {
  const { provider, server, browser } = await withProvider(t, { ...VERIFIED, email_verified: false });
  await opens(browser, server);
  await guest.typesName(browser, DAVE.address);
  await provesAt(provider, browser);
  assert.equal(browser.left, null);
  assert.match(browser.text, /AADSTS50020/);
});

test('oidc-provider as Fabrikam: Bob redeems at his home', async (t) => {
  const claims = { email: BOB.address, email_verified: true, name: 'Bob' };
  const { provider, server, browser } = await withProvider(t, claims, withFabrikamAt);
  const { app, checks } = await opens(browser, server);
  await guest.typesName(browser, BOB.address);
  await provesAt(provider, browser, BOB.address);
  await guest.acceptsOrganization(browser);
  await app.check(await app.finish(browser, checks), BOB);
});
