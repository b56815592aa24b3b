//! The table of the contract: what discovery says about each person of the default world.

use crate::support::*;

/// Contoso e-mail, Contoso direct, Tailspin e-mail, Tailspin direct, Woodgrove (both).
const TABLE: &[(&str, [&str; 5])] = &[
    ("bob@fabrikam.example", ["ExternalAzureAD"; 5]),
    (
        "carol@outlook.com",
        [
            "mail",
            "MicrosoftAccount",
            "create_account MicrosoftAccount",
            "MicrosoftAccount",
            "MicrosoftAccount",
        ],
    ),
    (
        "dave@gmail.com",
        [
            "google.com",
            "google.com",
            "create_account MicrosoftAccount",
            "refused 50020",
            "google.com",
        ],
    ),
    (
        "erin@litware.example",
        [
            "https://idp.litware.example/saml",
            "https://idp.litware.example/saml",
            "create_account ExternalAzureAD",
            "refused 50020",
            "mail",
        ],
    ),
    (
        "heidi@adatum.example",
        [
            "https://sts.adatum.example/adfs/services/trust",
            "https://sts.adatum.example/adfs/services/trust",
            "create_account ExternalAzureAD",
            "refused 50020",
            "mail",
        ],
    ),
    (
        "frank@northwind.example",
        ["mail", "mail", "create_account ExternalAzureAD", "refused 50020", "mail"],
    ),
    ("grace@fabrikam.example", ["choose_account"; 5]),
    (
        "judy@proseware.example",
        ["ExternalAzureAD", "ExternalAzureAD", "ExternalAzureAD", "ExternalAzureAD", "mail"],
    ),
];

async fn explain(
    server: &guestpass::Server,
    tenant: &str,
    email: &str,
    entry: &str,
) -> serde_json::Value {
    let path = format!("/_guestpass/explain?tenant={tenant}&email={email}&entry={entry}");
    let answer = get(server, &path).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

fn shown(explanation: &serde_json::Value) -> String {
    let outcome = &explanation["outcome"];
    match outcome["kind"].as_str().unwrap() {
        "sign_in" => outcome["identity_provider"].as_str().unwrap().to_owned(),
        "choose_account" => {
            assert_eq!(
                outcome["identity_providers"],
                serde_json::json!(["ExternalAzureAD", "MicrosoftAccount"])
            );
            "choose_account".to_owned()
        }
        "create_account" => {
            format!("create_account {}", outcome["identity_provider"].as_str().unwrap())
        }
        "refused" => {
            assert!(!outcome["message"].as_str().unwrap().is_empty());
            format!("refused {}", outcome["aadsts"])
        }
        other => panic!("kind {other}"),
    }
}

#[tokio::test]
async fn explains_everybody_as_the_contract_says() {
    let server = server().await;
    for (email, expected) in TABLE {
        let columns = [
            (CONTOSO, "email-link", expected[0]),
            (CONTOSO, "direct-link", expected[1]),
            (CONTOSO, "common", expected[1]),
            (TAILSPIN, "email-link", expected[2]),
            (TAILSPIN, "direct-link", expected[3]),
            (WOODGROVE, "email-link", expected[4]),
            (WOODGROVE, "direct-link", expected[4]),
        ];
        for (tenant, entry, expected) in columns {
            let explanation = explain(&server, tenant, email, entry).await;
            assert_eq!(shown(&explanation), expected, "{email} {tenant} {entry}");
            let guest = if tenant == WOODGROVE { "none" } else { "PendingAcceptance" };
            assert_eq!(explanation["guest"], guest, "{email} {tenant}");
            assert_eq!(explanation["entry"], entry);
            let trace = explanation["trace"].as_array().unwrap();
            let last = trace.last().unwrap();
            assert_eq!(last["rule"], explanation["decided_by"]);
            assert_eq!(last["verdict"], "decided");
        }
    }
    let vera = "vera@gmail.com";
    for (entry, expected) in [("email-link", "google.com"), ("direct-link", "refused 50020")] {
        assert_eq!(shown(&explain(&server, CONTOSO, vera, entry).await), expected);
    }
    let refused = explain(&server, CONTOSO, vera, "direct-link").await;
    assert_eq!(refused["decided_by"], "contact-conflict");
    assert_eq!(shown(&explain(&server, WOODGROVE, vera, "direct-link").await), "google.com");
}

#[tokio::test]
async fn explains_members_redeemed_guests_and_refusals() {
    let server = server().await;
    let member = explain(&server, "contoso.example", "alice@contoso.example", "direct-link").await;
    assert_eq!(shown(&member), "contoso.onmicrosoft.com");
    assert_eq!((&member["guest"], &member["decided_by"]), (&"member".into(), &"member".into()));
    let redeemed = explain(&server, "contoso", "olivia@fabrikam.example", "common").await;
    assert_eq!(shown(&redeemed), "ExternalAzureAD");
    assert_eq!(redeemed["guest"], "Accepted");
    assert_eq!(redeemed["decided_by"], "already-redeemed");
    for nobody in ["nobody@fabrikam.example", "nobody@corp.fabrikam.example"] {
        let refused = explain(&server, TAILSPIN, nobody, "email-link").await;
        assert_eq!(refused["decided_by"], "unmanaged-account-refused", "{nobody}");
        assert!(!refused["remedies"].as_array().unwrap().is_empty());
    }
    let dave = explain(&server, CONTOSO, "dave@gmail.com", "direct-link").await;
    let steps: Vec<_> = dave["trace"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| (e["step"].as_u64().unwrap(), e["rule"].as_str().unwrap().to_owned()))
        .collect();
    assert_eq!(
        steps,
        [
            (0, "member".to_owned()),
            (0, "already-redeemed".to_owned()),
            (1, "entra-and-microsoft-account".to_owned()),
            (1, "contact-conflict".to_owned()),
            (1, "entra-account".to_owned()),
            (2, "saml-wsfed-federation".to_owned()),
            (3, "google-federation".to_owned()),
        ]
    );
    let bad = get(&server, "/_guestpass/explain?tenant=contoso&email=x&entry=direct-link").await;
    assert_eq!(bad.status, 400, "{}", bad.body);
    let bad = get(&server, "/_guestpass/explain?tenant=x&email=a@b.example&entry=common").await;
    assert_eq!(bad.status, 400, "{}", bad.body);
}
