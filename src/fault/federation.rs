//! The refusals at `/login.srf`: answers of SAML and WS-Federation providers.
//!
//! Sources beside Microsoft's list of error codes: SupportArticles-docs (AADSTS50107), the sign-in
//! log's list of codes (5000811), and answers that were recorded by others (o365blog.com,
//! "Deep-dive to Azure Active Directory Identity Federation", 2019).

use super::catalogue;

catalogue! {
    Aadsts 20012 ws_fed_message_invalid(why) "WsFedMessageInvalid"
        ["invalid_request", 400, Page]
        "There's an issue with your federated Identity Provider. Contact your IDP to resolve this issue. The WS-Federation message is not valid: {why}.",
        "Have a WS-Fed provider answer with a `wresult` that is not XML";
    Aadsts 50006 saml_signature_invalid(why) "InvalidSignature"
        ["invalid_request", 400, Page]
        "Signature verification failed because of an invalid signature: {why}.",
        "Change a SAML assertion after it was signed, or sign it with SHA-1";
    Aadsts 50008 saml_token_invalid(why) "InvalidSamlToken"
        ["invalid_request", 400, Page]
        "SAML token is invalid: {why}. The assertion is missing or misconfigured in the token. Contact your federation provider.",
        "Have a SAML provider answer for another audience, too late, or without a signature";
    Aadsts 5000811 saml_key_unknown() "InvalidSamlTokenSigningKey"
        ["invalid_request", 400, Page]
        "Unable to verify token signature. The signing key identifier does not match any valid registered keys.",
        "Sign a SAML assertion with a certificate that is not the federation's";
    Aadsts 5000819 saml_email_invalid() "InvalidSamlTokenEmailMissingOrInvalid"
        ["invalid_request", 400, Page]
        "SAML Assertion is invalid. Email address claim is missing or does not match domain from an external realm.",
        "Have a SAML provider assert an address outside its domains, or none";
    Aadsts 50107 realm_unknown(issuer) "InvalidRealmUri"
        ["invalid_request", 400, Page]
        "The requested federation realm object '{issuer}' does not exist.",
        "Have a SAML provider answer with another `Issuer`, or without having been asked";
    Aadsts 7500514 saml_response_type() "UnsupportedSamlResponseType"
        ["invalid_request", 400, Page]
        "A supported type of SAML response was not found. The supported response types are 'Response' (in XML namespace 'urn:oasis:names:tc:SAML:2.0:protocol') or 'Assertion' (in XML namespace 'urn:oasis:names:tc:SAML:2.0:assertion').",
        "Post a SAML `AuthnRequest` to `/login.srf` as `SAMLResponse`";
    Aadsts 7500525 saml_unreadable(why) "SamlXmlError"
        ["invalid_request", 400, Page]
        "There was an XML error in the SAML message: {why}. Verify that the XML content of the SAML messages conforms to the SAML protocol specifications.",
        "Post a `SAMLResponse` that is not base64, not XML, or has a document type";
    Aadsts 90013 federation_input_missing(parameter) "InvalidUserInput"
        ["invalid_request", 400, Page]
        "The input from the user is not valid: '{parameter}' is missing.",
        "Post `wa=wsignin1.0` without `wresult` to `/login.srf`";
    Aadsts 90020 immutable_id_missing() "ImmutableIdMissing"
        ["invalid_request", 400, Page]
        "The SAML 1.1 Assertion is missing ImmutableID of the user. Developer error - the app is attempting to sign in without the necessary or correct authentication parameters.",
        "Have a WS-Fed provider leave out the claim ImmutableID";
    Aadsts 90081 federation_message_missing(parameter) "OrgIdWsFederationMessageInvalid"
        ["invalid_request", 400, Page]
        "An error occurred when the service tried to process a WS-Federation message. The message is not valid: '{parameter}' is missing.",
        "Post neither `wa` nor `SAMLResponse` to `/login.srf`";
}
