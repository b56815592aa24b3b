//! What an assertion says of somebody.

use super::help::*;
use crate::support::*;

#[tokio::test]
async fn over_a_hundred_and_fifty_groups_the_assertion_says_where_to_ask() {
    for (count, named) in [(149, true), (150, false)] {
        let mut groups = String::new();
        for number in 0..count {
            groups.push_str(&format!(
                "[[tenant.group]]\nid = \"c0a70500-0000-4000-8000-00000001{number:04}\"\n\
                 display_name = \"Group {number}\"\nmembers = [\"{OLIVIA}\"]\n\n"
            ));
        }
        let marker = "# A page in a browser";
        let world = world().replacen(marker, &format!("{groups}{marker}"), 1);
        let world = world.replacen(
            "identifier_uris = [\"https://sp.example/metadata\"]",
            "identifier_uris = [\"https://sp.example/metadata\"]\n\
             group_membership_claims = \"SecurityGroup\"",
            1,
        );
        let server = server_of(&world).await;
        let ask = to_saml(CONTOSO, &asking(EXPENSES, "", ""));
        let token = judged(&server, &signs_in(&server, &ask, OLIVIA).await, EXPENSES).await;
        let claims = token.claims();
        let link = format!(
            "{}/v1.0/users/c0a70500-0000-4000-8000-000000000109/getMemberObjects",
            server.origin()
        );
        match named {
            true => {
                assert_eq!(values(claims, "groups").len(), 150, "with Reviewers");
                assert!(values(claims, "groups.link").is_empty());
            }
            false => {
                assert!(values(claims, "groups").is_empty());
                assert_eq!(values(claims, "groups.link"), [link.as_str()]);
            }
        }
    }
}

#[tokio::test]
async fn what_is_known_of_the_person_is_said_under_its_full_name() {
    let line = "display_name = \"Alice Young\"";
    assert!(world().contains(line));
    let more = format!("{line}\ngiven_name = \"Alice\"\nsurname = \"Young & <Old>\"");
    let server = server_of(&world().replacen(line, &more, 1)).await;
    let ask = to_saml(CONTOSO, &asking(EXPENSES, "", ""));
    let token = judged(&server, &signs_in(&server, &ask, ALICE).await, EXPENSES).await;
    let said: Vec<_> =
        token.claims().iter().map(|c| (c.name.as_str(), c.values[0].as_str())).collect();
    let idp = format!("https://sts.windows.net/{CONTOSO}/");
    let methods = "http://schemas.microsoft.com/ws/2008/06/identity/authenticationmethod/password";
    assert_eq!(
        said,
        [
            ("http://schemas.microsoft.com/identity/claims/tenantid", CONTOSO),
            (
                "http://schemas.microsoft.com/identity/claims/objectidentifier",
                "c0a70500-0000-4000-8000-000000000003"
            ),
            ("http://schemas.microsoft.com/identity/claims/displayname", "Alice Young"),
            ("http://schemas.microsoft.com/identity/claims/identityprovider", idp.as_str()),
            ("http://schemas.microsoft.com/claims/authnmethodsreferences", methods),
            ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname", "Alice"),
            ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname", "Young & <Old>"),
            ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress", ALICE),
            ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name", ALICE),
        ]
    );
}
