//! Users and service principals as Graph writes them.

use serde_json::{Map, Value, json};

use crate::directory::{IdentityProvider, ServicePrincipal, User};

/// What a user has without `$select`.
pub(super) const DEFAULT: &[&str] = &[
    "businessPhones",
    "displayName",
    "givenName",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
    "id",
];

/// What a user can be asked for: Graph's documented properties. Of those that nobody here has,
/// lists are empty and everything else is null.
pub(super) const ALL: &[&str] = &[
    "aboutMe",
    "accountEnabled",
    "ageGroup",
    "assignedLicenses",
    "assignedPlans",
    "authorizationInfo",
    "birthday",
    "businessPhones",
    "city",
    "companyName",
    "consentProvidedForMinor",
    "country",
    "createdDateTime",
    "creationType",
    "customSecurityAttributes",
    "deletedDateTime",
    "department",
    "displayName",
    "employeeHireDate",
    "employeeId",
    "employeeLeaveDateTime",
    "employeeOrgData",
    "employeeType",
    "externalUserState",
    "externalUserStateChangeDateTime",
    "faxNumber",
    "givenName",
    "hireDate",
    "id",
    "identities",
    "imAddresses",
    "interests",
    "isManagementRestricted",
    "isResourceAccount",
    "jobTitle",
    "lastPasswordChangeDateTime",
    "legalAgeGroupClassification",
    "licenseAssignmentStates",
    "mail",
    "mailNickname",
    "mobilePhone",
    "mySite",
    "officeLocation",
    "onPremisesDistinguishedName",
    "onPremisesDomainName",
    "onPremisesExtensionAttributes",
    "onPremisesImmutableId",
    "onPremisesLastSyncDateTime",
    "onPremisesProvisioningErrors",
    "onPremisesSamAccountName",
    "onPremisesSecurityIdentifier",
    "onPremisesSyncEnabled",
    "onPremisesUserPrincipalName",
    "otherMails",
    "passwordPolicies",
    "passwordProfile",
    "pastProjects",
    "postalCode",
    "preferredDataLocation",
    "preferredLanguage",
    "preferredName",
    "provisionedPlans",
    "proxyAddresses",
    "responsibilities",
    "schools",
    "securityIdentifier",
    "serviceProvisioningErrors",
    "showInAddressList",
    "signInActivity",
    "signInSessionsValidFromDateTime",
    "skills",
    "state",
    "streetAddress",
    "surname",
    "usageLocation",
    "userPrincipalName",
    "userType",
];

/// One property of a user.
pub(super) fn property(user: &User, initial_domain: &str, name: &str) -> Value {
    let external = user.external.as_ref();
    match name {
        "accountEnabled" => json!(user.account_enabled),
        "assignedLicenses"
        | "assignedPlans"
        | "businessPhones"
        | "imAddresses"
        | "interests"
        | "licenseAssignmentStates"
        | "onPremisesProvisioningErrors"
        | "pastProjects"
        | "provisionedPlans"
        | "responsibilities"
        | "schools"
        | "serviceProvisioningErrors"
        | "skills" => json!([]),
        "country" => json!(user.profile.country),
        "createdDateTime" => json!(user.created_at),
        "creationType" => json!(user.creation_type),
        "displayName" => json!(user.display_name),
        "externalUserState" => json!(external.map(|e| e.state.as_str())),
        "externalUserStateChangeDateTime" => json!(external.map(|e| e.state_changed_at)),
        "givenName" => json!(user.profile.given_name),
        "id" => json!(user.id),
        "identities" => identities(user, initial_domain),
        "mail" => json!(user.mail),
        "mailNickname" => {
            json!(user.user_principal_name.split('@').next().unwrap_or_default())
        }
        "otherMails" => json!(user.other_mails),
        "preferredLanguage" => json!(user.profile.preferred_language),
        "proxyAddresses" => {
            let addresses = user.proxy_addresses.iter().map(|address| format!("SMTP:{address}"));
            json!(addresses.collect::<Vec<_>>())
        }
        "surname" => json!(user.profile.surname),
        "usageLocation" => json!(user.profile.usage_location),
        "userPrincipalName" => json!(user.user_principal_name),
        "userType" => json!(user.user_type.as_str()),
        _ => Value::Null,
    }
}

/// The linked account first, then the user principal name (user-properties article). Entra and
/// Microsoft accounts have no `issuerAssignedId`, as recorded.
fn identities(user: &User, initial_domain: &str) -> Value {
    let own = json!({
        "signInType": "userPrincipalName",
        "issuer": initial_domain,
        "issuerAssignedId": user.user_principal_name,
    });
    let linked = user.linked().map(|account| {
        let id = match account.provider {
            IdentityProvider::ExternalAzureAd | IdentityProvider::MicrosoftAccount => None,
            _ => Some(&account.subject),
        };
        json!({
            "signInType": "federated",
            "issuer": account.provider.as_str(),
            "issuerAssignedId": id,
        })
    });
    Value::Array(linked.into_iter().chain([own]).collect())
}

/// A user with the properties that were selected.
pub(super) fn user(user: &User, initial_domain: &str, select: &[String]) -> Map<String, Value> {
    let selected = select.iter().map(|name| (name.clone(), property(user, initial_domain, name)));
    selected.collect()
}

/// A service principal.
pub(super) fn service_principal(principal: &ServicePrincipal) -> Value {
    json!({
        "id": principal.id,
        "appId": principal.app_id,
        "displayName": principal.display_name,
        "appDisplayName": principal.display_name,
        "accountEnabled": principal.account_enabled,
        "appRoleAssignmentRequired": principal.app_role_assignment_required,
        "servicePrincipalType": "Application",
    })
}
