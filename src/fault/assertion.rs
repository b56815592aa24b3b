//! The refusals of assertions: a client's own, an outside issuer's token for it, a user's token.
//!
//! Sources as in `aadsts.rs`.

use super::catalogue;

catalogue! {
    Aadsts 50013 user_assertion_invalid(why) "InvalidAssertion"
        ["invalid_grant", 400, Json]
        "{why}",
        "On-behalf-of with a token for another application, of another tenant, or that we did not sign";
    Aadsts 500133 user_assertion_expired(now, end) "AssertionNotInTimeRange"
        ["invalid_grant", 400, Json]
        "Assertion is not within its valid time range. Ensure that the access token is not expired before using it for user assertion, or request a new token. Current time: {now}, expiry time of assertion {end}.",
        "On-behalf-of with an access token that has expired";
    Aadsts 50027 jwt_invalid(why) "InvalidJwtToken"
        ["invalid_client", 401, Json]
        "JWT token is invalid or malformed: {why}.",
        "Send a `client_assertion` that is unsigned, signed with HS256, without `exp` or without `x5t`";
    Aadsts 501661 outside_issuer_unreachable(issuer, why) "RequestToExternalOidcEndpointFailed"
        ["invalid_request", 400, Json]
        "Request to External OIDC endpoint failed. The issuer '{issuer}' cannot vouch for the client: {why}.",
        "Send an outside token of a registered issuer that is down, redirects, or publishes no RSA key";
    Aadsts 70021 no_federated_credential(issuer, subject, audience) "NoFederatedIdentityRecord"
        ["invalid_client", 401, Json]
        "No matching federated identity record found for presented assertion. Assertion Issuer: '{issuer}'. Assertion Subject: '{subject}'. Assertion Audience: '{audience}'. https://docs.microsoft.com/en-us/azure/active-directory/develop/workload-identity-federation",
        "Send another issuer's token as the `client_assertion` of an application without `federated_identity_credentials`";
    Aadsts 700021 assertion_of_another_client(claim, sent, client) "ClientAssertionMismatch"
        ["invalid_client", 401, Json]
        "Client assertion application identifier doesn't match 'client_id' parameter: its '{claim}' is '{sent}', the client is '{client}'.",
        "Sign a `client_assertion` whose `iss` or `sub` is another application";
    Aadsts 700211 federated_issuer_unknown(issuer) "NoFederatedIdentityRecordForIssuer"
        ["invalid_client", 401, Json]
        "No matching federated identity record found for presented assertion issuer '{issuer}'. Check your federated identity credential Subject, Audience and Issuer against the presented assertion. https://learn.microsoft.com/entra/workload-id/workload-identity-federation",
        "Send a token whose `iss` is no `federated_identity_credentials` issuer of the application, byte for byte";
    Aadsts 700212 federated_audience_unknown(audience) "NoFederatedIdentityRecordForAudience"
        ["invalid_client", 401, Json]
        "No matching federated identity record found for presented assertion audience '{audience}'. Check your federated identity credential Subject, Audience and Issuer against the presented assertion. https://learn.microsoft.com/entra/workload-id/workload-identity-federation",
        "Send an outside token whose `aud` is not `api://AzureADTokenExchange`, or several audiences";
    Aadsts 700213 federated_subject_unknown(subject) "NoFederatedIdentityRecordForSubject"
        ["invalid_client", 401, Json]
        "No matching federated identity record found for presented assertion subject '{subject}'. Check your federated identity credential Subject, Audience and Issuer against the presented assertion. https://learn.microsoft.com/entra/workload-id/workload-identity-federation",
        "Send an outside token of another subject";
    Aadsts 7002138 federated_subject_in_other_case(subject) "FederatedIdentitySubjectCase"
        ["invalid_client", 401, Json]
        "No matching federated identity record found for presented assertion subject '{subject}'. The subject matches with case-insensitive comparison, but not with case-sensitive comparison. Check your federated identity credential Subject, Audience and Issuer against the presented assertion. https://learn.microsoft.com/entra/workload-id/workload-identity-federation",
        "Register a federated credential's subject in other letter case than the issuer writes it";
    Aadsts 700023 assertion_audience_wrong(audience, tenant) "ClientAssertionAudience"
        ["invalid_client", 401, Json]
        "Client assertion audience claim does not match Realm issuer: its 'aud' is '{audience}', and must be the token endpoint of '{tenant}' as its discovery document says. Review the documentation at https://docs.microsoft.com/azure/active-directory/develop/active-directory-certificate-credentials .",
        "Sign a `client_assertion` whose `aud` is another tenant's token endpoint";
    Aadsts 700024 assertion_out_of_time(now, start, end) "ClientAssertionTimeRange"
        ["invalid_client", 401, Json]
        "Client assertion is not within its valid time range. Current time: {now}, assertion valid from {start}, expiry time of assertion {end}. Review the documentation at https://docs.microsoft.com/azure/active-directory/develop/active-directory-certificate-credentials .",
        "Send a `client_assertion` after its `exp`, before its `nbf`, or, of an application with `strict_client_assertions`, one that lives longer than ten minutes";
    Aadsts 700027 assertion_signature_invalid(reason) "ClientAssertionSignature"
        ["invalid_client", 401, Json]
        "Client assertion contains an invalid signature. [{reason}]",
        "Sign a `client_assertion` with a key whose certificate is not registered, or with another key than its `x5t` names";
    Aadsts 7000272 outside_key_unknown(kid, issuer, failure) "FederatedCredentialKeyNotFound"
        ["invalid_client", 401, Json]
        "The certificate with identifier '{kid}' used to sign the federated credential could not be found in the metadata of identity provider '{issuer}'{failure}.",
        "Sign an outside token with a key that its issuer does not publish";
    Aadsts 7000114 app_token_on_behalf_of(app) "AppOnBehalfOfNotAllowed"
        ["unauthorized_client", 400, Json]
        "Application '{app}' is not allowed to make application on-behalf-of calls: the assertion is an application's own token and about no user.",
        "On-behalf-of with a token from client credentials";
    Aadsts 240002 id_token_on_behalf_of() "RequestIdTokenCannotBeUsed"
        ["invalid_grant", 400, Json]
        "Input id_token cannot be used as 'urn:ietf:params:oauth:grant-type:jwt-bearer' grant.",
        "On-behalf-of with an id token as the assertion";
}
