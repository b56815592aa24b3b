// Members and guests sign in, seen by oauth4webapi over https.

import assert from 'node:assert/strict';
import * as oauth from 'oauth4webapi';

import { begin, testThreePeople } from './case.mjs';
import * as guest from './guest.mjs';
import { assertClaims } from './people.mjs';
import { CONTOSO_WEB } from './registrations.mjs';
import { CONTOSO } from './server.mjs';

const SCOPE = 'openid profile email offline_access User.Read';
const client = { client_id: CONTOSO_WEB.client };
const secret = oauth.ClientSecretPost(CONTOSO_WEB.secret);

async function discover(server) {
  const issuer = new URL(server.issuer(CONTOSO));
  const answer = await oauth.discoveryRequest(issuer);
  return oauth.processDiscoveryResponse(issuer, answer);
}

async function checkedTokens(as, answer, how) {
  const tokens = await oauth.processAuthorizationCodeResponse(as, client, answer, how);
  await oauth.validateApplicationLevelSignature(as, answer);
  return tokens;
}

testThreePeople('oauth4webapi', async (t, person) => {
  const { server, browser } = await begin(t);
  const as = await discover(server);
  const verifier = oauth.generateRandomCodeVerifier();
  const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
  const url = new URL(as.authorization_endpoint);
  url.search = new URLSearchParams({
    ...client,
    response_type: 'code',
    redirect_uri: CONTOSO_WEB.callback,
    scope: SCOPE,
    state,
    nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  });
  await browser.open(url);
  await guest.signsIn(browser, server, person);
  assert.ok(browser.left, `no way back to the application: ${browser.text}`);

  const answer = oauth.validateAuthResponse(as, client, browser.left, state);
  const tokens = await checkedTokens(
    as,
    await oauth.authorizationCodeGrantRequest(
      as, client, secret, answer, CONTOSO_WEB.callback, verifier,
    ),
    { expectedNonce: nonce, requireIdToken: true },
  );
  const claims = oauth.getValidatedIdTokenClaims(tokens);
  assertClaims(claims, server, person, CONTOSO_WEB.client);

  const info = await oauth.userInfoRequest(as, client, tokens.access_token);
  const { email } = await oauth.processUserInfoResponse(as, client, claims.sub, info);
  assert.equal(email, person.address);

  const refreshed = await oauth.refreshTokenGrantRequest(as, client, secret, tokens.refresh_token);
  const fresh = await oauth.processRefreshTokenResponse(as, client, refreshed);
  await oauth.validateApplicationLevelSignature(as, refreshed);
  assertClaims(oauth.getValidatedIdTokenClaims(fresh), server, person, CONTOSO_WEB.client);
});
