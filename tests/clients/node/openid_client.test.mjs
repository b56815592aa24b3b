// Members and guests sign in, seen by openid-client over https.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { begin, testThreePeople } from './case.mjs';
import * as guest from './guest.mjs';
import { OpenidClientApp } from './openid_client_app.mjs';
import { BOB, DAVE } from './people.mjs';
import { CONTOSO } from './server.mjs';

async function signsIn(t, person) {
  const { server, browser } = await begin(t);
  const app = await OpenidClientApp.of(server);
  const { url, checks } = await app.begin();
  await browser.open(url);
  await guest.signsIn(browser, server, person);
  await app.check(await app.finish(browser, checks), person);
}

/** After a redemption by e-mail an ordinary sign-in shows no page at all. */
async function signsInAtOnce(browser, server, person) {
  const app = await OpenidClientApp.of(server);
  const { url, checks } = await app.begin();
  await browser.open(url);
  await app.check(await app.finish(browser, checks), person);
}

testThreePeople('openid-client', signsIn);

test('openid-client: Bob redeems at his home by e-mail, then signs in without a page', async (t) => {
  const { server, browser } = await begin(t);
  await browser.open(await server.acceptLink(BOB.address, CONTOSO));
  await guest.signsInAtWork(browser);
  await guest.acceptsOrganization(browser);
  browser.expect('My Apps');
  await signsInAtOnce(browser, server, BOB);
});

test('openid-client: Bob signs out with his ID token, and is asked without', async (t) => {
  const { server, browser } = await begin(t);
  const app = await OpenidClientApp.of(server);
  const signsInAndOut = async (parameters) => {
    const { url, checks } = await app.begin();
    await browser.open(url);
    if (!browser.left) await guest.signsIn(browser, server, BOB);
    const tokens = await app.finish(browser, checks);
    const back = { post_logout_redirect_uri: 'http://localhost:3000/', state: 'mine' };
    await browser.open(app.signOut({ ...back, ...parameters(tokens) }));
  };
  await signsInAndOut(() => ({}));
  browser.expect('Do you want to sign out?');
  await browser.click('#idBtn_Back');
  browser.expect('You are still signed in');

  await signsInAndOut((tokens) => ({ id_token_hint: tokens.id_token }));
  assert.equal(browser.left?.href, 'http://localhost:3000/?state=mine', browser.text);
  const { url } = await app.begin();
  await browser.open(url);
  browser.expect('Sign in');
  await guest.typesName(browser, BOB.address);
  browser.expect('Enter password');
});

test('openid-client: Dave redeems with Google by the direct link', (t) => signsIn(t, DAVE));

test('openid-client: Dave redeems with Google by e-mail, then signs in without a page', async (t) => {
  const { server, browser } = await begin(t);
  await browser.open(await server.acceptLink(DAVE.address, CONTOSO));
  await guest.signsInAtGoogle(browser, DAVE.address);
  await guest.acceptsOrganization(browser);
  browser.expect('My Apps');
  await signsInAtOnce(browser, server, DAVE);
});
