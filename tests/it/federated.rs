//! Guests of SAML and WS-Fed providers, through the whole sign-in.

mod answers;
mod built_in;
mod messages;
mod metadata;
mod partner;

use serde_json::json;

use crate::support::{
    CONTOSO, accept_link, agree_to_all, authorize, claims, guest, redeem, server, state_of,
};

const LITWARE: &str = "https://idp.litware.example/saml";
const ADATUM: &str = "https://sts.adatum.example/adfs/services/trust";
const PEOPLE: [(&str, u32, &str); 2] =
    [("erin@litware.example", 4, LITWARE), ("heidi@adatum.example", 5, ADATUM)];

#[tokio::test]
async fn redeem_by_direct_link() {
    for (name, number, issuer) in PEOPLE {
        let server = server().await;
        let mut browser = server.browser();
        browser.open(&authorize(CONTOSO, &[])).await;
        agree_to_all(&server, &mut browser, name).await;
        let code = browser.parameter("code");
        let code = code.unwrap_or_else(|| panic!("{name}: {}", browser.text()));
        let tokens = redeem(&server, &code, &[]).await.json();
        for token in ["id_token", "access_token"] {
            assert_eq!(claims(&tokens[token])["idp"], issuer, "{name} {token}");
        }
        assert_eq!(claims(&tokens["id_token"])["preferred_username"], name);
        let object =
            guest(&server, &format!("c0a70500-0000-4000-8000-0000000001{number:02}")).await;
        assert_eq!(object["externalUserState"], "Accepted");
        let identity = &object["identities"][0];
        assert_eq!(
            [&identity["signInType"], &identity["issuer"]],
            [&json!("federated"), &json!(issuer)]
        );
        assert!(identity["issuerAssignedId"].as_str().is_some_and(|id| !id.is_empty()));
    }
}

#[tokio::test]
async fn redeem_by_the_invitation_mail() {
    for (name, number, _) in PEOPLE {
        let server = server().await;
        let mut browser = server.browser();
        browser.open(&accept_link(&server, name, CONTOSO).await).await;
        agree_to_all(&server, &mut browser, name).await;
        assert_eq!(state_of(&server, number).await, "Accepted", "{name}: {}", browser.text());
        assert_eq!(browser.heading(), "My Apps", "{name}: {}", browser.text());
    }
}
