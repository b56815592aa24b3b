// Clients with their default settings, where this server is login.microsoftonline.com and
// graph.microsoft.com: to be run by recipes/impersonate.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Browser } from '../browser.mjs';
import * as guest from '../guest.mjs';
import { ALICE, assertClaims, BOB, FRANK } from '../people.mjs';
import { comesBack, start, startInteractive, startWebAppAt } from '../program.mjs';
import { CONTOSO_WEB, FABRIKAM_PORTAL } from '../registrations.mjs';
import { CONTOSO, FABRIKAM, Server } from '../server.mjs';
import { signInTo } from '../web_app.mjs';

const PEOPLE = { Alice: ALICE, Bob: BOB, Frank: FRANK };
const PYTHON = '../python/impersonated';

const server = new Server(['https://login.microsoftonline.com']);
const opens = (visitor) => visitor.open('/');

for (const [client, file] of [
  ['msal-node', 'impersonated/msal_node.mjs'],
  ['msal (Python)', `${PYTHON}/msal_app.py`],
]) {
  test(`impersonation: ${client}`, async (t) => {
    await server.reset();
    const origin = await startWebAppAt(t, file, 3000);
    for (const [name, person] of Object.entries(PEOPLE)) {
      await t.test(`${name} signs in`, async () => {
        const visitor = await signInTo(origin, server, new Browser(server), person, opens);
        const { claims, account, me } = visitor.json;
        assertClaims(claims, server, person, CONTOSO_WEB.client);
        assert.equal(account, person.homeAccountId);
        assert.equal(me.id, person.oid);
      });
    }
  });
}

test('impersonation: azure-identity (Python)', async (t) => {
  await server.reset();
  for (const [name, person] of Object.entries(PEOPLE)) {
    await t.test(`${name} signs in`, async (one) => {
      const file = `${PYTHON}/azure_identity_app.py`;
      const { program, address } = await startInteractive(one, file, server);
      const browser = new Browser(server);
      await browser.open(address);
      await guest.signsIn(browser, server, person);
      await comesBack(browser);
      assert.equal(JSON.parse(await program.result()).id, person.oid);
    });
  }
});

/** On the common endpoint everybody signs in at home; who has none says where to go. */
async function signsInOnCommon(browser, person) {
  if (person === FRANK) {
    await browser.follow('Sign-in options');
    await browser.follow('Sign in to an organization');
    browser.type('input[name=organization]', 'contoso.example');
    await browser.click('#idSIButton9');
    await guest.signsIn(browser, server, person);
  } else {
    await guest.typesName(browser, person.address);
    await guest.signsInAtWork(browser);
  }
}

test('impersonation: openid-client with the issuer of common', async (t) => {
  await server.reset();
  const origin = await startWebAppAt(t, 'impersonated/openid_client.mjs', 3001);
  for (const [name, person] of Object.entries(PEOPLE)) {
    await t.test(`${name} signs in`, async () => {
      const [visitor, browser] = [new Browser({ origin }), new Browser(server)];
      await opens(visitor);
      await browser.open(visitor.left);
      await signsInOnCommon(browser, person);
      await visitor.open(browser.left);
      const { claims, info } = visitor.json;
      const [oid, tid] = person.home;
      assert.equal(claims.iss, server.issuer(tid));
      assert.deepEqual([claims.oid, claims.tid, claims.aud], [oid, tid, FABRIKAM_PORTAL.client]);
      assert.equal(claims.idp, person === FRANK ? FRANK.idp : undefined);
      assert.equal(tid, person === BOB ? FABRIKAM : CONTOSO);
      assert.equal(info.sub, claims.sub);
    });
  }
});

for (const [client, file, expected] of [
  ['@microsoft/microsoft-graph-client', 'impersonated/microsoft_graph_client.mjs', BOB.oid],
  ['msgraph-sdk (Python)', `${PYTHON}/msgraph_sdk_app.py`, 'https://login.microsoftonline.com/redeem?rd='],
]) {
  test(`impersonation: ${client}`, async (t) => {
    await server.reset();
    const program = await start(t, file, server, { AZURE_AUTHORITY_HOST: undefined });
    const output = await program.result();
    assert.ok(output.includes(expected), output);
  });
}
