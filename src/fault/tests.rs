use super::{entries, say};

#[test]
fn fills_the_placeholders_of_a_text() {
    let fault = say::guest_not_in_tenant("bob@fabrikam.example", "live.com", "Contoso", "a", "b");
    assert_eq!(fault.number(), Some(50020));
    assert!(fault.message().starts_with(
        "User account 'bob@fabrikam.example' from identity provider 'live.com' does not exist in \
         tenant 'Contoso' and cannot access the application 'a'(b) in that tenant."
    ));
    assert_eq!(fault.error(), "access_denied");
    assert_eq!(fault.for_a_grant().error(), "invalid_grant");
}

#[test]
fn names_each_entry_once() {
    let all = entries();
    for pair in all.windows(2) {
        assert!(
            pair[0].code != pair[1].code || pair[0].error != pair[1].error,
            "{} stands twice",
            pair[0].code
        );
    }
    assert!(all.iter().all(|entry| !entry.cause.is_empty() && !entry.message.is_empty()));
}
