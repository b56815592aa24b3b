// Guests redeem and sign in, seen by openid-client over https.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Browser } from './browser.mjs';
import * as guest from './guest.mjs';
import { RelyingParty } from './relying_party.mjs';
import { CONTOSO, FABRIKAM, startServer } from './server.mjs';

const FRANK = {
  address: 'frank@northwind.example',
  oid: 'c0a70500-0000-4000-8000-000000000106',
  idp: 'mail',
};
const BOB = {
  address: 'bob@fabrikam.example',
  oid: 'c0a70500-0000-4000-8000-000000000101',
  idp: `https://sts.windows.net/${FABRIKAM}/`,
};
const DAVE = {
  address: 'dave@gmail.com',
  oid: 'c0a70500-0000-4000-8000-000000000103',
  idp: 'google.com',
};

async function begin(t) {
  const server = await startServer(t, ['--http', '127.0.0.1:0', '--https', 'localhost:0']);
  assert.match(server.origin, /^https:/);
  return { server, browser: new Browser(server), rp: await RelyingParty.of(server) };
}

/** After a redemption by e-mail an ordinary sign-in shows no page at all. */
async function signsInAtOnce(browser, rp, person) {
  const { url, checks } = await rp.begin();
  await browser.open(url);
  await rp.check(await rp.finish(browser, checks), person);
}

test('Frank redeems with a passcode by the direct link', async (t) => {
  const { server, browser, rp } = await begin(t);
  const { url, checks } = await rp.begin();
  await browser.open(url);
  await guest.typesName(browser, FRANK.address);
  await guest.provesByPasscode(browser, server, FRANK.address, CONTOSO);
  await guest.acceptsOrganization(browser);
  await rp.check(await rp.finish(browser, checks), FRANK);
});

test('Bob redeems at his home by e-mail, then signs in without a page', async (t) => {
  const { server, browser, rp } = await begin(t);
  await browser.open(await server.acceptLink(BOB.address, CONTOSO));
  await guest.signsInAtWork(browser);
  await guest.acceptsOrganization(browser);
  browser.expect('My Apps');
  await signsInAtOnce(browser, rp, BOB);
});

test('Dave redeems with Google by the direct link', async (t) => {
  const { browser, rp } = await begin(t);
  const { url, checks } = await rp.begin();
  await browser.open(url);
  await guest.typesName(browser, DAVE.address);
  await guest.signsInAtGoogle(browser, DAVE.address);
  await guest.acceptsOrganization(browser);
  await rp.check(await rp.finish(browser, checks), DAVE);
});

test('Dave redeems with Google by e-mail, then signs in without a page', async (t) => {
  const { server, browser, rp } = await begin(t);
  await browser.open(await server.acceptLink(DAVE.address, CONTOSO));
  await guest.signsInAtGoogle(browser, DAVE.address);
  await guest.acceptsOrganization(browser);
  browser.expect('My Apps');
  await signsInAtOnce(browser, rp, DAVE);
});
