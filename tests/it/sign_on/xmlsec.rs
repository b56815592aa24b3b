//! `xmlsec1` verifies what applications are sent, each document with the key in it changed or not.

use super::help::*;
use crate::support::*;
use crate::xmlsec1::verifies;

/// It is accepted, and would not be with `from` changed into `to`.
#[track_caller]
fn accepted(document: &str, parent: &str, from: &str, to: &str) {
    let Some(verified) = verifies(document, parent) else { return };
    assert!(verified, "{document}");
    assert!(document.contains(from), "{from} in {document}");
    assert_eq!(verifies(&document.replace(from, to), parent), Some(false));
}

#[tokio::test]
async fn verifies_every_document_that_applications_get() {
    let server = sign_on_server().await;
    let posted = signs_in(&server, &to_saml(CONTOSO, &asking(EXPENSES, "", "")), OLIVIA).await;
    accepted(&posted.xml(), "Assertion", OLIVIA, "adele@contoso.example");

    let kerberos = asking(EXPENSES, "", &policy("2.0:nameid-format:kerberos"));
    let mut browser = server.browser();
    browser.open(&to_saml(CONTOSO, &kerberos)).await;
    let no = super::help::posted(&browser).unwrap().xml();
    accepted(&no, "Response", "InvalidNameIDPolicy", "NoPassive");

    for realm in [EXPENSES, "urn:sites:contoso"] {
        let path = format!("/{CONTOSO}/wsfed?wa=wsignin1.0&wtrealm={realm}");
        let posted = signs_in(&server, &path, OLIVIA).await;
        let result = posted.field("wresult").unwrap();
        accepted(result, "Assertion", "Olivia", "Adele");
    }

    for authority in [CONTOSO, "common"] {
        let path = format!("/{authority}/federationmetadata/2007-06/federationmetadata.xml");
        let metadata = get(&server, &path).await.body;
        accepted(&metadata, "EntityDescriptor", "/saml2", "/saml3");
    }
}
