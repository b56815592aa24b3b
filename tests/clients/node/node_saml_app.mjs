// A service provider that signs its users in with @node-saml/node-saml, as its manual says.
//
// The address of the provider's metadata is a parameter. Nothing listens at the service provider's
// own addresses: a test takes what the browser would have brought there.

import assert from 'node:assert/strict';
import { SAML, ValidateInResponseTo } from '@node-saml/node-saml';
import { DOMParser } from '@xmldom/xmldom';

export const ENTITY = 'https://sp.tests.example/metadata';
export const ACS = 'https://sp.tests.example/acs';
export const LOGOUT = 'https://sp.tests.example/slo';
export const PERSISTENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent';
const REDIRECT = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect';

/** Forms are not deflated (Bindings §3.5.4); the library does it unless it is told not to. */
export const BY_FORM = { authnRequestBinding: 'HTTP-POST', skipRequestCompression: true };

const METADATA = 'urn:oasis:names:tc:SAML:2.0:metadata';
const SIGNATURE = 'http://www.w3.org/2000/09/xmldsig#';

const all = (element, namespace, name) => Array.from(element.getElementsByTagNameNS(namespace, name));

/** What an administrator takes from a provider's metadata: the library does not read it. */
async function readMetadata(url) {
  const answer = await fetch(url);
  assert.equal(answer.status, 200, await answer.clone().text());
  const entity = new DOMParser().parseFromString(await answer.text(), 'text/xml').documentElement;
  const [provider] = all(entity, METADATA, 'IDPSSODescriptor');
  const at = (service) => all(provider, METADATA, service)
    .find((one) => one.getAttribute('Binding') === REDIRECT)
    ?.getAttribute('Location');
  const certificates = all(provider, METADATA, 'KeyDescriptor')
    .filter((key) => key.getAttribute('use') === 'signing')
    .flatMap((key) => all(key, SIGNATURE, 'X509Certificate'))
    .map((one) => one.textContent);
  return {
    idpIssuer: entity.getAttribute('entityID'),
    entryPoint: at('SingleSignOnService'),
    logoutUrl: at('SingleLogoutService'),
    idpCert: certificates,
  };
}

export class NodeSamlApp {
  /** `own` are options of the library that the test wants different. */
  static async of(metadataUrl, own = {}) {
    const app = new NodeSamlApp();
    app.options = {
      ...(await readMetadata(metadataUrl)),
      issuer: ENTITY,
      callbackUrl: ACS,
      logoutCallbackUrl: LOGOUT,
      identifierFormat: PERSISTENT,
      wantAuthnResponseSigned: true,
      wantAssertionsSigned: true,
      validateInResponseTo: ValidateInResponseTo.always,
      signatureAlgorithm: 'sha256',
      digestAlgorithm: 'sha256',
      ...own,
    };
    app.saml = new SAML(app.options);
    return app;
  }

  /** Brings the browser to the provider, as the library does it in passport. */
  async begins(browser) {
    if (this.options.authnRequestBinding === BY_FORM.authnRequestBinding) {
      const fields = await this.saml.getAuthorizeMessageAsync('/reports');
      return browser.post(this.options.entryPoint, new URLSearchParams(fields));
    }
    return browser.open(await this.saml.getAuthorizeUrlAsync('/reports', undefined, {}));
  }

  /** The form that the provider's page posts here. */
  async brings(browser) {
    await browser.returnsToApplication();
    assert.equal(browser.left?.href, this.options.callbackUrl);
    const { SAMLResponse, RelayState } = Object.fromEntries(browser.posted);
    assert.equal(RelayState, '/reports');
    return SAMLResponse;
  }

  /** The library verifies signatures, audience, time and InResponseTo; and the issuer is ours. */
  async takes(SAMLResponse) {
    const { profile, loggedOut } = await this.saml.validatePostResponseAsync({ SAMLResponse });
    assert.equal(loggedOut, false);
    if (profile) assert.equal(profile.issuer, this.options.idpIssuer);
    return profile;
  }

  async arrives(browser) {
    return this.takes(await this.brings(browser));
  }

  /** A LogoutRequest: where to send the browser. */
  logsOut(profile) {
    return this.saml.getLogoutUrlAsync(profile, '/bye', {});
  }

  /** The LogoutResponse that the browser brings. */
  async isLoggedOut(url) {
    assert.equal(url.origin + url.pathname, this.options.logoutCallbackUrl);
    const answer = Object.fromEntries(url.searchParams);
    assert.ok(answer.Signature, 'the library takes one that is not signed, too');
    const { loggedOut } = await this.saml.validateRedirectAsync(answer, url.search.slice(1));
    return loggedOut;
  }
}
