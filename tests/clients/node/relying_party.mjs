// Contoso Web: an application that signs its users in with openid-client, as its manual says.

import assert from 'node:assert/strict';
import * as oidc from 'openid-client';

import { CONTOSO } from './server.mjs';

const CLIENT = 'c0a70500-0000-4000-8000-0000000000a1';
const SECRET = 'contoso-web-secret';
const CALLBACK = 'http://localhost:3000/auth/callback';
const SCOPE = 'openid profile email offline_access User.Read';

export class RelyingParty {
  #config;

  static async of(server) {
    const rp = new RelyingParty();
    const auth = oidc.ClientSecretPost(SECRET);
    const issuer = new URL(server.issuer(CONTOSO));
    // By default the library trusts TLS for tokens of the token endpoint: this checks signatures too.
    const options = { execute: [oidc.enableNonRepudiationChecks] };
    rp.#config = await oidc.discovery(issuer, CLIENT, {}, auth, options);
    return rp;
  }

  /** Begins a sign-in: where to send the browser, and what to check when it comes back. */
  async begin() {
    const checks = {
      pkceCodeVerifier: oidc.randomPKCECodeVerifier(),
      expectedState: oidc.randomState(),
      expectedNonce: oidc.randomNonce(),
      idTokenExpected: true,
    };
    const url = oidc.buildAuthorizationUrl(this.#config, {
      redirect_uri: CALLBACK,
      scope: SCOPE,
      state: checks.expectedState,
      nonce: checks.expectedNonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(checks.pkceCodeVerifier),
      code_challenge_method: 'S256',
    });
    return { url, checks };
  }

  /** Ends a sign-in at the callback: the library verifies state, PKCE, signature, iss, aud, nonce. */
  async finish(browser, checks) {
    assert.ok(browser.left, `no way back to the application: ${browser.text}`);
    assert.equal(browser.left.origin + browser.left.pathname, CALLBACK);
    return oidc.authorizationCodeGrant(this.#config, browser.left, checks);
  }

  /** What the tokens say of the guest, then the same from userinfo and from a refresh. */
  async check(tokens, expected) {
    const { issuer } = this.#config.serverMetadata();
    const claims = tokens.claims();
    const wanted = {
      iss: issuer,
      aud: CLIENT,
      tid: CONTOSO,
      email: expected.address,
      preferred_username: expected.address,
      oid: expected.oid,
      idp: expected.idp,
    };
    assert.deepEqual(pick(claims, wanted), wanted);

    // The library refuses an answer whose `sub` is another than the ID token's.
    const info = await oidc.fetchUserInfo(this.#config, tokens.access_token, claims.sub);
    assert.equal(info.email, expected.address);

    const fresh = await oidc.refreshTokenGrant(this.#config, tokens.refresh_token);
    const again = { ...wanted, sub: claims.sub };
    assert.deepEqual(pick(fresh.claims(), again), again);
    assert.notEqual(fresh.access_token, tokens.access_token);
  }
}

function pick(claims, wanted) {
  return Object.fromEntries(Object.keys(wanted).map((name) => [name, claims[name]]));
}
