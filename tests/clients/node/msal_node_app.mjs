// Applications that sign their users in with @azure/msal-node, as its manual says.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { ConfidentialClientApplication, CryptoProvider } from '@azure/msal-node';

import { IMPERSONATED } from './server.mjs';

export const SCOPES = ['User.Read'];

export class MsalNodeApp {
  #server;
  #registration;
  #request;

  constructor(server, registration, tenant) {
    this.#server = server;
    this.#registration = registration;
    this.msal = new ConfidentialClientApplication({
      auth: {
        clientId: registration.client,
        clientSecret: registration.secret,
        authority: this.authority(tenant),
        // Else it would ask login.microsoftonline.com whether this host is one of its own.
        ...(!IMPERSONATED && { knownAuthorities: [new URL(server.origin).host] }),
      },
    });
  }

  authority(tenant) {
    return `${this.#server.origin}/${tenant}`;
  }

  /** Begins a sign-in: where to send the browser. */
  async begin() {
    const { verifier, challenge } = await new CryptoProvider().generatePkceCodes();
    this.#request = {
      scopes: SCOPES,
      redirectUri: this.#registration.callback,
      state: randomUUID(),
      nonce: randomUUID(),
      codeVerifier: verifier,
    };
    return this.msal.getAuthCodeUrl({
      ...this.#request,
      codeChallenge: challenge,
      codeChallengeMethod: 'S256',
      responseMode: 'form_post',
    });
  }

  /** Ends a sign-in at the callback: the library checks state, PKCE and nonce. */
  async finish(browser) {
    await browser.returnsToApplication();
    assert.equal(browser.left.href, this.#registration.callback);
    const answer = Object.fromEntries(browser.posted);
    return this.msal.acquireTokenByCode({ ...this.#request, code: answer.code }, answer);
  }
}
