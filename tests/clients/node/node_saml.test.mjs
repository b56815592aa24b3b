// Erin signs in at Litware, the built-in SAML provider, seen by @node-saml/node-saml as a service
// provider.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { begin } from './case.mjs';
import * as guest from './guest.mjs';
import { ACS, BY_FORM, ENTITY, LOGOUT, NodeSamlApp, PERSISTENT } from './node_saml_app.mjs';
import { answeringServiceProvider } from './registrations.mjs';

const ERIN = 'erin@litware.example';
const LITWARE = 'https://idp.litware.example/saml';
const EMAIL = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress';
const DISPLAY_NAME = 'http://schemas.microsoft.com/identity/claims/displayname';
// Published like every key of a mock: here it is the service provider's.
const KEY = new URL('../../../keys/INSECURE-google.pem', import.meta.url);

/** A server on which Litware answers the app, and the app. */
async function beginAtLitware(t, own = {}) {
  const world = await answeringServiceProvider(t, 'litware', { entity: ENTITY, acs: ACS, logout: LOGOUT });
  const { server, browser } = await begin(t, world);
  const metadata = `${server.origin}/idp/litware/metadata`;
  const app = await NodeSamlApp.of(metadata, own);
  assert.equal(app.options.idpIssuer, LITWARE);
  return { server, browser, app, metadata };
}

async function signsIn(browser, app) {
  await app.begins(browser);
  await guest.signsInAtLitware(browser, ERIN);
  return app.arrives(browser);
}

function isErin(profile) {
  assert.equal(profile.attributes[EMAIL], ERIN);
  assert.equal(profile.attributes[DISPLAY_NAME], 'Erin Cole');
  assert.equal(profile.nameIDFormat, PERSISTENT);
  assert.notEqual(profile.nameID, ERIN);
  assert.ok(profile.sessionIndex);
  return profile.nameID;
}

test('node-saml: Erin signs in by the redirect binding, under the same name each time', async (t) => {
  const { browser, app } = await beginAtLitware(t);
  const first = isErin(await signsIn(browser, app));
  assert.equal(isErin(await signsIn(browser, app)), first);
});

test('node-saml: Erin signs in by the POST binding', async (t) => {
  const { browser, app } = await beginAtLitware(t, BY_FORM);
  isErin(await signsIn(browser, app));
});

test('node-saml: signed requests are answered, in either binding', async (t) => {
  const [privateKey] = (await readFile(KEY, 'utf8')).match(/-----BEGIN PRIVATE KEY-----[^-]*-----END PRIVATE KEY-----/);
  const { browser, app, metadata } = await beginAtLitware(t, { privateKey });
  isErin(await signsIn(browser, app));
  isErin(await signsIn(browser, await NodeSamlApp.of(metadata, { privateKey, ...BY_FORM })));
});

test('node-saml: an answer is good once, for the application that asked', async (t) => {
  const { browser, app, metadata } = await beginAtLitware(t);
  await app.begins(browser);
  await guest.signsInAtLitware(browser, ERIN);
  const response = await app.brings(browser);
  const other = await NodeSamlApp.of(metadata);
  await assert.rejects(other.takes(response), /InResponseTo is not valid/);
  const { saml } = await NodeSamlApp.of(metadata, { validateInResponseTo: 'never', audience: 'https://other.example/' });
  await assert.rejects(saml.validatePostResponseAsync({ SAMLResponse: response }), /audience mismatch/);
  isErin(await app.takes(response));
  await assert.rejects(app.takes(response), /InResponseTo is not valid/);
});

test('node-saml: an answer that was changed is refused', async (t) => {
  const { browser, app } = await beginAtLitware(t, { validateInResponseTo: 'never' });
  await app.begins(browser);
  await guest.signsInAtLitware(browser, ERIN);
  const response = await app.brings(browser);
  const xml = Buffer.from(response, 'base64').toString();
  for (const changed of [
    xml.replaceAll(`>${ERIN}<`, '>adele@contoso.example<'),
    xml.replaceAll(`>${ENTITY}<`, '>https://other.example/<'),
    xml.replaceAll('NotOnOrAfter="20', 'NotOnOrAfter="21'),
    xml.replace(`Destination="${ACS}"`, `Destination="${ACS}/other"`),
  ]) {
    assert.notEqual(changed, xml);
    const sent = Buffer.from(changed).toString('base64');
    await assert.rejects(app.takes(sent), /Invalid (document )?signature/);
  }
  isErin(await app.takes(response));
});

test('node-saml: where nothing may be shown, nobody is signed in', async (t) => {
  const { browser, app } = await beginAtLitware(t, { passive: true });
  await app.begins(browser);
  assert.equal(await app.arrives(browser), null);
});

test('node-saml: Erin signs out, and the answer is signed', async (t) => {
  const { browser, app } = await beginAtLitware(t);
  const profile = await signsIn(browser, app);
  await browser.open(await app.logsOut(profile));
  assert.ok(browser.left, browser.text);
  assert.equal(browser.left.searchParams.get('RelayState'), '/bye');
  const changed = new URL(browser.left.href.replace('RelayState=%2Fbye', 'RelayState=%2Fother'));
  await assert.rejects(app.isLoggedOut(changed), /Invalid query signature/);
  assert.equal(await app.isLoggedOut(browser.left), true);
});

test('node-saml: no answer goes to an address that is not registered', async (t) => {
  const { browser, metadata } = await beginAtLitware(t);
  for (const own of [
    { callbackUrl: `${ACS}/other` },
    { callbackUrl: 'https://thief.example/acs' },
    { issuer: 'https://thief.example/' },
  ]) {
    for (const binding of [{}, BY_FORM]) {
      const stranger = await NodeSamlApp.of(metadata, { ...own, ...binding });
      await stranger.begins(browser);
      assert.equal(browser.left, null);
      assert.match(browser.text, /AADSTS/);
      assert.notEqual(browser.heading, 'Sign in');
    }
  }
});
