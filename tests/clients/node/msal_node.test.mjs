// Members and guests sign in, seen by @azure/msal-node over https.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InteractionRequiredAuthError } from '@azure/msal-node';

import { begin, testThreePeople } from './case.mjs';
import * as guest from './guest.mjs';
import { MsalNodeApp, SCOPES } from './msal_node_app.mjs';
import { assertClaims, BOB } from './people.mjs';
import { CONTOSO_DAEMON, CONTOSO_WEB, FABRIKAM_PORTAL } from './registrations.mjs';
import { CONTOSO, FABRIKAM } from './server.mjs';

/** Everything that a result says of a person whom Contoso knows. */
async function assertResult(result, server, person, client) {
  assertClaims(result.idTokenClaims, server, person, client);
  assert.equal(result.tenantId, CONTOSO);
  assert.equal(result.uniqueId, person.oid);
  assert.equal(result.account.homeAccountId, person.homeAccountId);
  assert.equal(result.account.username, person.address);
  assert.equal((await server.graph('me', result.accessToken)).id, person.oid);
}

testThreePeople('msal-node', async (t, person) => {
  const { server, browser } = await begin(t);
  const app = new MsalNodeApp(server, CONTOSO_WEB, CONTOSO);
  await browser.open(await app.begin());
  await guest.signsIn(browser, server, person);
  const result = await app.finish(browser);
  await assertResult(result, server, person, CONTOSO_WEB.client);

  const { account } = result;
  const cached = await app.msal.acquireTokenSilent({ account, scopes: SCOPES });
  assert.equal(cached.fromCache, true);
  assert.equal(cached.accessToken, result.accessToken);
  const fresh = await app.msal.acquireTokenSilent({ account, scopes: SCOPES, forceRefresh: true });
  assert.equal(fresh.fromCache, false);
  assert.notEqual(fresh.accessToken, result.accessToken);
  await assertResult(fresh, server, person, CONTOSO_WEB.client);
  assert.equal(fresh.idTokenClaims.sub, result.idTokenClaims.sub);
});

test('msal-node: Bob is one account with a profile in each tenant', async (t) => {
  const { server, browser } = await begin(t);
  const app = new MsalNodeApp(server, FABRIKAM_PORTAL, 'organizations');
  await browser.open(await app.begin());
  await guest.typesName(browser, BOB.address);
  await guest.signsInAtWork(browser);
  const home = await app.finish(browser);
  assert.deepEqual([home.uniqueId, home.tenantId], BOB.home);
  assert.equal(home.idTokenClaims.iss, server.issuer(FABRIKAM));
  assert.equal(home.idTokenClaims.idp, undefined);
  assert.equal(home.account.homeAccountId, BOB.homeAccountId);

  const atContoso = {
    account: { ...home.account, tenantId: CONTOSO },
    authority: app.authority(CONTOSO),
    scopes: SCOPES,
  };
  await assert.rejects(app.msal.acquireTokenSilent(atContoso), (error) => {
    assert.ok(error instanceof InteractionRequiredAuthError, error);
    assert.match(error.errorMessage, /AADSTS50014/);
    assert.equal(error.errorCode, 'interaction_required');
    return true;
  });

  await browser.open(await server.acceptLink(BOB.address, CONTOSO));
  await guest.acceptsOrganization(browser);
  browser.expect('My Apps');

  const guests = await app.msal.acquireTokenSilent(atContoso);
  await assertResult(guests, server, BOB, FABRIKAM_PORTAL.client);
  assert.notEqual(guests.idTokenClaims.sub, home.idTokenClaims.sub);

  const accounts = await app.msal.getTokenCache().getAllAccounts();
  assert.deepEqual(new Set(accounts.map((one) => one.homeAccountId)), new Set([BOB.homeAccountId]));
  const profiles = [...accounts[0].tenantProfiles.values()];
  assert.deepEqual(
    Object.fromEntries(profiles.map((one) => [one.tenantId, [one.localAccountId, one.isHomeTenant]])),
    { [FABRIKAM]: [BOB.home[0], true], [CONTOSO]: [BOB.oid, false] },
  );
});

// The library has no sign-out; its manual has the application send the browser there.
test('msal-node: Bob signs out by the address of the manual', async (t) => {
  const { server, browser } = await begin(t);
  const app = new MsalNodeApp(server, CONTOSO_WEB, CONTOSO);
  await browser.open(await app.begin());
  await guest.signsIn(browser, server, BOB);
  const { account } = await app.finish(browser);
  await app.msal.getTokenCache().removeAccount(account);
  const back = new URLSearchParams({ post_logout_redirect_uri: 'http://localhost:3000/' });
  await browser.open(`${app.authority(CONTOSO)}/oauth2/v2.0/logout?${back}`);
  browser.expect('Do you want to sign out?');
  await browser.click('#idSIButton9');
  assert.equal(browser.left?.href, 'http://localhost:3000/', browser.text);
  await browser.open(await app.begin());
  browser.expect('Sign in');
});

test('msal-node: Contoso Daemon calls Graph', async (t) => {
  const { server } = await begin(t);
  const { msal } = new MsalNodeApp(server, CONTOSO_DAEMON, CONTOSO);
  const request = { scopes: ['https://graph.microsoft.com/.default'] };
  const result = await msal.acquireTokenByClientCredential(request);
  assert.equal((await server.graph(`users/${BOB.oid}`, result.accessToken)).mail, BOB.address);
  const again = await msal.acquireTokenByClientCredential(request);
  assert.equal(again.fromCache, true);
});
