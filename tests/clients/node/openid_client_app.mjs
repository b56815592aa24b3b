// Contoso Web: an application that signs its users in with openid-client, as its manual says.

import assert from 'node:assert/strict';
import * as oidc from 'openid-client';

import { assertClaims } from './people.mjs';
import { CONTOSO_WEB } from './registrations.mjs';
import { CONTOSO } from './server.mjs';

const SCOPE = 'openid profile email offline_access User.Read';

export class OpenidClientApp {
  #config;
  #server;

  static async of(server) {
    const app = new OpenidClientApp();
    app.#server = server;
    const auth = oidc.ClientSecretPost(CONTOSO_WEB.secret);
    const issuer = new URL(server.issuer(CONTOSO));
    // By default the library trusts TLS for tokens of the token endpoint: this checks signatures too.
    const options = { execute: [oidc.enableNonRepudiationChecks] };
    app.#config = await oidc.discovery(issuer, CONTOSO_WEB.client, {}, auth, options);
    return app;
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
      redirect_uri: CONTOSO_WEB.callback,
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
    assert.equal(browser.left.origin + browser.left.pathname, CONTOSO_WEB.callback);
    return oidc.authorizationCodeGrant(this.#config, browser.left, checks);
  }

  /** Where to send the browser to sign out. */
  signOut(parameters) {
    return oidc.buildEndSessionUrl(this.#config, parameters);
  }

  /** What the tokens say of the guest, then the same from userinfo and from a refresh. */
  async check(tokens, person) {
    const claims = tokens.claims();
    assertClaims(claims, this.#server, person, CONTOSO_WEB.client);
    assert.equal(claims.email, person.address);

    // The library refuses an answer whose `sub` is another than the ID token's.
    const info = await oidc.fetchUserInfo(this.#config, tokens.access_token, claims.sub);
    assert.equal(info.email, person.address);

    const fresh = await oidc.refreshTokenGrant(this.#config, tokens.refresh_token);
    assertClaims(fresh.claims(), this.#server, person, CONTOSO_WEB.client);
    assert.equal(fresh.claims().sub, claims.sub);
    assert.notEqual(fresh.access_token, tokens.access_token);
  }
}
