// People sign in at Contoso itself, seen by @node-saml/node-saml as an application with SAML sign-on.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { begin, testThreePeople } from './case.mjs';
import * as guest from './guest.mjs';
import { ACS, BY_FORM, ENTITY, LOGOUT, NodeSamlApp } from './node_saml_app.mjs';
import { ALICE, BOB, DAVE } from './people.mjs';
import { withSignOnApplication } from './registrations.mjs';
import { CONTOSO } from './server.mjs';

const ISSUER = `https://sts.windows.net/${CONTOSO}/`;
const EMAIL_ADDRESS = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress';
const MICROSOFT = 'http://schemas.microsoft.com/identity/claims';
const XMLSOAP = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims';

/** A server with an application of these `settings` in Contoso, and the application. */
async function beginAtContoso(t, own = {}, settings = []) {
  const registration = { entity: ENTITY, acs: ACS, logout: LOGOUT, settings };
  const { server, browser } = await begin(t, await withSignOnApplication(t, registration));
  const metadata = `${server.origin}/${CONTOSO}/federationmetadata/2007-06/federationmetadata.xml`;
  // Entra signs the assertion alone.
  const app = await NodeSamlApp.of(metadata, { wantAuthnResponseSigned: false, ...own });
  assert.equal(app.options.idpIssuer, ISSUER);
  return { server, browser, app };
}

function isPerson({ attributes }, person) {
  assert.equal(attributes[`${MICROSOFT}/objectidentifier`], person.oid);
  assert.equal(attributes[`${MICROSOFT}/tenantid`], CONTOSO);
  assert.equal(attributes[`${MICROSOFT}/identityprovider`], person.idp ?? ISSUER);
  assert.equal(attributes[`${XMLSOAP}/emailaddress`], person.address);
}

async function signsIn(t, person) {
  const { server, browser, app } = await beginAtContoso(t);
  await app.begins(browser);
  await guest.signsIn(browser, server, person);
  const first = await app.arrives(browser);
  isPerson(first, person);
  // The second time no page is shown, and the name is the same.
  await app.begins(browser);
  const second = await app.arrives(browser);
  isPerson(second, person);
  assert.equal(second.nameID, first.nameID);
}

testThreePeople('node-saml at a tenant', signsIn);

test('node-saml at a tenant: Dave redeems with Google', (t) => signsIn(t, DAVE));

test('node-saml at a tenant: Bob is called as at home where an address is asked for', async (t) => {
  const { server, browser, app } = await beginAtContoso(t, { identifierFormat: EMAIL_ADDRESS, ...BY_FORM });
  await app.begins(browser);
  await guest.signsIn(browser, server, BOB);
  const profile = await app.arrives(browser);
  isPerson(profile, BOB);
  assert.deepEqual([profile.nameID, profile.nameIDFormat], [BOB.address, EMAIL_ADDRESS]);
});

test('node-saml at a tenant: the response can be signed, too', async (t) => {
  const policy = 'token_issuance_policy = { token_response_signing_policy = "ResponseAndToken" }';
  const { server, browser, app } = await beginAtContoso(t, { wantAuthnResponseSigned: true }, [policy]);
  await app.begins(browser);
  await guest.signsIn(browser, server, ALICE);
  isPerson(await app.arrives(browser), ALICE);
});

test('node-saml at a tenant: where nothing may be shown, nobody is signed in', async (t) => {
  const { browser, app } = await beginAtContoso(t, { passive: true });
  await app.begins(browser);
  assert.equal(await app.arrives(browser), null);
});

test('node-saml at a tenant: a guest who declines is not signed in', async (t) => {
  const { browser, app } = await beginAtContoso(t);
  await app.begins(browser);
  await guest.typesName(browser, BOB.address);
  await guest.signsInAtWork(browser);
  browser.expect('Review permissions');
  await browser.click('#idBtn_Back');
  await assert.rejects(app.arrives(browser), /RequestDenied|AADSTS65004/);
});

test('node-saml at a tenant: an answer that was changed is refused', async (t) => {
  const { server, browser, app } = await beginAtContoso(t, { validateInResponseTo: 'never' });
  await app.begins(browser);
  await guest.signsIn(browser, server, ALICE);
  const response = await app.brings(browser);
  const xml = Buffer.from(response, 'base64').toString();
  for (const changed of [
    xml.replaceAll(`>${ALICE.address}<`, '>adele@contoso.example<'),
    xml.replaceAll(`>${ENTITY}<`, '>https://other.example/<'),
    xml.replaceAll('NotOnOrAfter="20', 'NotOnOrAfter="21'),
  ]) {
    assert.notEqual(changed, xml);
    await assert.rejects(app.takes(Buffer.from(changed).toString('base64')), /Invalid signature/);
  }
  isPerson(await app.takes(response), ALICE);
});

test('node-saml at a tenant: Alice signs out once she says so, and the answer is signed', async (t) => {
  const { server, browser, app } = await beginAtContoso(t);
  await app.begins(browser);
  await guest.signsIn(browser, server, ALICE);
  const profile = await app.arrives(browser);
  await browser.open(await app.logsOut(profile));
  browser.expect('Do you want to sign out?');
  await browser.click('#idSIButton9');
  assert.ok(browser.left, browser.text);
  assert.equal(browser.left.searchParams.get('RelayState'), '/bye');
  assert.equal(await app.isLoggedOut(browser.left), true);
  await app.begins(browser);
  browser.expect('Sign in');
});

test('node-saml at a tenant: no answer goes to an address that is not registered', async (t) => {
  const { browser, app } = await beginAtContoso(t);
  for (const own of [
    { callbackUrl: `${ACS}/other` },
    { callbackUrl: 'https://thief.example/acs' },
    { issuer: 'https://thief.example/' },
  ]) {
    for (const binding of [{}, BY_FORM]) {
      const stranger = new NodeSamlApp();
      stranger.options = { ...app.options, ...own, ...binding };
      stranger.saml = new app.saml.constructor(stranger.options);
      await stranger.begins(browser);
      assert.equal(browser.left, null);
      assert.match(browser.text, /AADSTS/);
      assert.notEqual(browser.heading, 'Sign in');
    }
  }
});
