// The programs of the README sign a member and two guests in.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Browser } from './browser.mjs';
import { begin } from './case.mjs';
import * as guest from './guest.mjs';
import { ALICE, assertClaims, BOB, FRANK } from './people.mjs';
import { comesBack, start, startInteractive, startWebApp } from './program.mjs';
import { CONTOSO_WEB, redirectingTo } from './registrations.mjs';
import { signInTo } from './web_app.mjs';

const PEOPLE = { Alice: ALICE, Bob: BOB, Frank: FRANK };
const PYTHON = '../python/snippets';

/**
 * Web applications: what they show at the end are the claims of the ID token. `callback` is a redirect
 * URI that the world does not have.
 */
const WEB_APPS = [
  { client: 'msal-node', file: 'snippets/msal_node.mjs' },
  { client: 'openid-client', file: 'snippets/openid_client.mjs' },
  { client: 'oauth4webapi', file: 'snippets/oauth4webapi.mjs' },
  { client: 'express-openid-connect', file: 'snippets/express_openid_connect.mjs' },
  { client: 'passport-azure-ad', file: 'snippets/passport_azure_ad.mjs' },
  {
    client: '@auth/core',
    file: 'snippets/auth_core.mjs',
    callback: 'http://localhost:3000/auth/callback/microsoft-entra-id',
  },
  { client: 'msal (Python)', file: `${PYTHON}/msal_app.py` },
  { client: 'Authlib', file: `${PYTHON}/authlib_app.py` },
  { client: 'idpyoidc', file: `${PYTHON}/idpyoidc_app.py` },
  { client: 'mozilla-django-oidc', file: `${PYTHON}/mozilla_django_oidc_app.py` },
  {
    client: 'social-auth',
    file: `${PYTHON}/social_auth_app.py`,
    callback: 'http://localhost:3000/social/complete/azuread-v2-tenant-oauth2/',
  },
];

async function opens(visitor) {
  await visitor.open('/');
  // Some have a page with a button before the sign-in.
  if (!visitor.left) await visitor.click('form button');
}

function claimsOf(shown) {
  const { id_token: idToken, claims } = shown;
  const found = idToken ? JSON.parse(Buffer.from(idToken.split('.')[1], 'base64url')) : claims ?? shown;
  // One of the libraries makes a list of the one audience.
  return { ...found, aud: [found.aud].flat().join(' ') };
}

for (const { client, file, callback } of WEB_APPS) {
  test(`README: ${client}`, async (t) => {
    const world = callback ? await redirectingTo(t, callback) : [];
    const { server } = await begin(t, world);
    const origin = await startWebApp(t, file, server);
    for (const [name, person] of Object.entries(PEOPLE)) {
      await t.test(`${name} signs in`, async () => {
        const visitor = await signInTo(origin, server, new Browser(server), person, opens);
        const claims = claimsOf(visitor.json);
        assertClaims(claims, server, person, CONTOSO_WEB.client);
        // MSAL asks for no address.
        if (!client.startsWith('msal')) assert.equal(claims.email, person.address);
      });
    }
  });
}

test('README: django-allauth, which asks Microsoft Graph who it is', async (t) => {
  const world = await redirectingTo(t, 'http://localhost:3000/accounts/microsoft/login/callback/');
  const { server } = await begin(t, world);
  const origin = await startWebApp(t, `${PYTHON}/allauth_app.py`, server);
  for (const [name, person] of Object.entries(PEOPLE)) {
    await t.test(`${name} signs in`, async () => {
      const visitor = await signInTo(origin, server, new Browser(server), person, opens);
      assert.equal(visitor.json.id, person.oid);
      assert.equal(visitor.json.mail, person.address);
    });
  }
});

for (const [client, file] of [
  ['@azure/identity', 'snippets/azure_identity.mjs'],
  ['azure-identity (Python)', `${PYTHON}/azure_identity_app.py`],
]) {
  test(`README: ${client}`, async (t) => {
    const { server } = await begin(t);
    for (const [name, person] of Object.entries(PEOPLE)) {
      await t.test(`${name} signs in`, async (one) => {
        const { program, address } = await startInteractive(one, file, server);
        const browser = new Browser(server);
        await browser.open(address);
        await guest.signsIn(browser, server, person);
        await comesBack(browser);
        const me = JSON.parse(await program.result());
        assert.equal(me.id, person.oid);
      });
    }
  });
}

for (const [client, file] of [
  ['@microsoft/microsoft-graph-client', 'snippets/microsoft_graph_client.mjs'],
  ['msgraph-sdk (Python)', `${PYTHON}/msgraph_sdk_app.py`],
]) {
  test(`README: ${client} invites and lists guests`, async (t) => {
    const { server } = await begin(t);
    const program = await start(t, file, server);
    const output = await program.result();
    assert.ok(output.includes(`${server.origin}/redeem?rd=`), output);
    for (const text of [BOB.oid, BOB.address, 'PendingAcceptance', 'zoe@northwind.example']) {
      assert.ok(output.includes(text), output);
    }
  });
}
