// npm oidc-provider, with its own pages and development keys, as an account's provider.

import { once } from 'node:events';
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

import { Browser } from './browser.mjs';

export const REGISTRATION = { client: 'guestpass', secret: 'a-secret-of-the-broker-at-google' };

/** A provider on a free port that ends with the test `t`. */
export class OidcProvider {
  #answer = (_, response) => response.writeHead(503).end();

  static async start(t) {
    const provider = new OidcProvider();
    const listener = createServer((request, response) => provider.#answer(request, response));
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    t.after(() => {
      listener.closeAllConnections();
      listener.close();
    });
    provider.issuer = `http://127.0.0.1:${listener.address().port}`;
    return provider;
  }

  /** Registers a relying party and knows one account: its subject, and the claims of its scopes. */
  open({ callback, subject, claims }) {
    const account = { accountId: subject, claims: () => ({ sub: subject, ...claims }) };
    const provider = new Provider(this.issuer, {
      clients: [{
        client_id: REGISTRATION.client,
        client_secret: REGISTRATION.secret,
        redirect_uris: [callback],
      }],
      claims: { email: ['email', 'email_verified'], profile: ['name'] },
      // Whoever types the account's name is its holder: the library's own pages ask no more.
      findAccount: (_, name) => (name === subject ? account : undefined),
    });
    this.#answer = provider.callback();
  }

  /** The person types the account's name, allows what is asked for, and is sent back. */
  async signsIn(left, subject) {
    const browser = new Browser({ origin: this.issuer });
    await browser.open(left);
    browser.expect('Sign-in');
    browser.type('input[name=login]', subject);
    browser.type('input[name=password]', 'any');
    await browser.click('button[type=submit]');
    browser.expect('Authorize');
    await browser.click('button[type=submit]');
    return browser.left;
  }
}
