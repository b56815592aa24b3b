//! The refusals of applications' own requests over SAML, at `/{t}/saml2`.
//!
//! Sources: Microsoft's list of error codes, the single-sign-on-SAML-protocol article (its sample of a
//! refusal), SupportArticles-docs for 75005, 75011 and 750054.

use super::catalogue;

catalogue! {
    Aadsts 650056 application_misconfigured(app) "MisconfiguredApplication"
        ["invalid_request", 400, Page]
        "Misconfigured application. The application '{app}' is a public client and has no reply URL of a web application, so no SAML or WS-Federation response can be sent to it.",
        "Send an `AuthnRequest` whose `Issuer` is a single-page or native application";
    Aadsts 75001 saml_binding_failed(why) "BindingSerializationError"
        ["invalid_request", 400, Page]
        "An error occurred during SAML message binding: {why}.",
        "Send a `SAMLRequest` to `/{t}/saml2` that is not base64, or two of them";
    Aadsts 75003 saml_binding_unsupported() "UnsupportedBindingError"
        ["invalid_request", 400, Page]
        "The SAML protocol response cannot be sent via bindings other than HTTP POST.",
        "Send an `AuthnRequest` with another `ProtocolBinding`";
    Aadsts 75005 saml_request_invalid(why) "Saml2MessageInvalid"
        ["invalid_request", 400, Page]
        "The request is not a valid Saml2 protocol message: {why}.",
        "Send an `AuthnRequest` without `ID`, `Version` or `Issuer`";
    Aadsts 750054 saml_message_missing() "SamlMessageMissing"
        ["invalid_request", 400, Page]
        "SAMLRequest or SAMLResponse must be present as query string parameters in HTTP request for SAML Redirect binding.",
        "Open `/{t}/saml2` without parameters";
    Aadsts 75006 saml_property_unsupported(property) "Saml2AuthenticationRequestUnsupported"
        ["invalid_request", 400, Redirect]
        "An error occurred while processing a SAML2 Authentication request. AADSTS90011: The SAML authentication request property '{property}' is not supported.",
        "Send an `AuthnRequest` with a `Subject`";
    Aadsts 75008 saml_destination(destination) "RequestDeniedError"
        ["invalid_request", 400, Page]
        "The request from the application was denied since the SAML request had an unexpected destination '{destination}'.",
        "Send an `AuthnRequest` whose `Destination` is another provider's";
    Aadsts 75011 authn_context_mismatch(used, asked) "NoMatchedAuthnContextInOutputClaims"
        ["invalid_request", 400, Page]
        "Authentication method '{used}' by which the user authenticated with the service doesn't match requested authentication method '{asked}'. Contact the application owner.",
        "Ask for `urn:oasis:names:tc:SAML:2.0:ac:classes:X509` and sign in with a password";
    Aadsts 75016 name_id_policy_invalid(format) "Saml2AuthenticationRequestInvalidNameIDPolicy"
        ["invalid_request", 400, Redirect]
        "SAML2 Authentication Request has invalid NameIdPolicy: the format '{format}' is not supported.",
        "Ask for a `NameID` of the format `kerberos`";
    Aadsts 76021 signed_request_required(app) "ApplicationRequiresSignedRequests"
        ["invalid_request", 400, Page]
        "The request sent by client is not signed while the application '{app}' requires signed requests.",
        "Send an unsigned `AuthnRequest` as an application with `request_signature_verification`";
    Aadsts 900235 authn_context_comparison(received) "RequestedAuthnContextComparisonInvalid"
        ["invalid_request", 400, Page]
        "SAML authentication request's RequestedAuthenticationContext Comparison value must be 'exact'. Received value: '{received}'.",
        "Send an `AuthnRequest` with `RequestedAuthnContext Comparison=\"minimum\"`";
}
