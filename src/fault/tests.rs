use super::left_out::LEFT_OUT;
use super::{Code, entries, say};

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

/// The numbers that matter to guests and their applications, of Microsoft's list.
const KNOWN: &[u32] = &[
    16000, 16001, 16002, 16003, 20001, 20012, 28002, 28003, 40008, 40009, 40010, 40015, 50000,
    50001, 50008, 50011, 50013, 50014, 50020, 50034, 50042, 50043, 50049, 50053, 50055, 50056,
    50057, 50058, 50059, 50072, 50074, 50076, 50078, 50079, 50097, 50105, 50126, 50128, 50131,
    50132, 50133, 50140, 50147, 50158, 50173, 50177, 50178, 50194, 50196, 50197, 50199, 51004,
    53000, 53001, 53002, 53003, 53004, 53011, 54005, 65001, 65004, 65005, 70000, 70001, 70002,
    70003, 70005, 70007, 70008, 70011, 70016, 70018, 70019, 70020, 70043, 90002, 90005, 90008,
    90010, 90014, 90019, 90023, 90027, 90056, 90071, 90072, 90084, 90094, 90095, 90123, 160021,
    240001, 500011, 500021, 500022, 500113, 500133, 500202, 500207, 500208, 500211, 500212, 500213,
    500571, 501051, 501481, 501491, 530004, 530032, 530034, 530035, 650052, 650053, 650054, 650056,
    650057, 700005, 700016, 700022, 700023, 700025, 700027, 700054, 700081, 700082, 700084, 900144,
    900561, 900971, 5000819, 7000112, 7000215, 7000218, 7000222, 9001023, 9002313, 9002325,
    9002326, 9002327, 9002331, 9002332,
];

#[test]
fn says_of_each_number_how_to_cause_it_or_why_nothing_does() {
    for number in KNOWN {
        let answered = entries().iter().any(|entry| entry.code == Code::Aadsts(*number));
        let left_out = LEFT_OUT.iter().any(|(numbers, _)| numbers.contains(number));
        assert!(answered != left_out, "{number}: answered {answered}, left out {left_out}");
    }
    for number in LEFT_OUT.iter().flat_map(|(numbers, _)| *numbers) {
        let answered = entries().iter().any(|entry| entry.code == Code::Aadsts(*number));
        assert!(!answered, "{number} is answered");
    }
}
