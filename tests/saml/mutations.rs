//! A hundred thousand changed responses. None is accepted with another meaning, none panics.

use guestpass::federation::saml::answer::Signed;

use crate::help::{VICTIM, judge, meaning, seed};
use crate::ws_fed;

/// xorshift64*: the same sequence everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() >> 33).unwrap() % end.max(1)
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}

/// What an attacker puts in.
const PIECES: &[&str] = &[
    "<!---->",
    "<!-- x -->",
    "<?x y?>",
    "<![CDATA[",
    "]]>",
    "&#13;",
    "&#x41;",
    "&amp;",
    "&lt;",
    " ",
    "\n",
    "\t",
    "\u{85}",
    "\u{200b}",
    "=",
    "\"",
    "'",
    "<",
    ">",
    "/>",
    "xmlns:saml=\"urn:x\"",
    "xmlns=\"\"",
    "ID=\"_assertion\"",
    "Id=\"_response\"",
    "</saml:NameID>",
    "<saml:NameID>",
    "<saml:Assertion>",
    "</saml:Assertion>",
    "<ds:Object/>",
    "#_assertion",
    "2026-06-01T12:00:00Z",
    VICTIM,
    "urn:oasis:names:tc:SAML:2.0:assertion",
    "http://www.w3.org/2000/09/xmldsig#",
];

/// The places where a tag begins or ends.
fn tags(text: &str) -> Vec<(usize, usize)> {
    let starts = text.match_indices('<').map(|(at, _)| at);
    starts.filter_map(|at| Some((at, at + text[at..].find('>')? + 1))).collect()
}

/// A place between two characters.
fn place(random: &mut Random, text: &str) -> usize {
    let mut at = random.below(text.len() + 1);
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// A piece of the text: a tag, an element, or anything.
fn piece(random: &mut Random, text: &str) -> (usize, usize) {
    let tags = tags(text);
    if tags.is_empty() || random.below(4) == 0 {
        let (a, b) = (place(random, text), place(random, text));
        let (a, b) = (a.min(b), a.max(b));
        return (a, b.min(a + 200)).min((a, b));
    }
    let (start, end) = tags[random.below(tags.len())];
    let name = text[start + 1..end - 1].split([' ', '/', '>']).next().unwrap_or_default();
    let close = format!("</{name}>");
    match text[end..].find(&close) {
        Some(at) if random.below(2) == 0 => (start, end + at + close.len()),
        _ => (start, end),
    }
}

fn mutated(random: &mut Random, text: &str) -> String {
    let (start, end) = piece(random, text);
    let end = if text.is_char_boundary(end) { end } else { start };
    let at = place(random, text);
    let found = &text[start..end];
    match random.below(9) {
        0 => format!("{}{}", &text[..start], &text[end..]),
        1 => format!("{}{}{}", &text[..at], found, &text[at..]),
        2 => format!("{}{}{}", &text[..at], random.pick(PIECES), &text[at..]),
        3 => format!("{}{}{}", &text[..start], random.pick(PIECES), &text[end..]),
        4 => flipped(random, text, at),
        5 if at <= start => format!("{}{}{}{}", &text[..at], found, &text[at..start], &text[end..]),
        5 => text.replace(found, random.pick(PIECES)),
        6 => text.replacen("erin@litware.example", VICTIM, 1),
        7 => format!("{}{}{}", &text[..start], found.to_uppercase(), &text[end..]),
        _ => format!("{}{}{}{}", &text[..start], found, found, &text[end..]),
    }
}

/// One bit of one octet, if that leaves text.
fn flipped(random: &mut Random, text: &str, at: usize) -> String {
    let mut bytes = text.as_bytes().to_vec();
    if let Some(byte) = bytes.get_mut(at) {
        *byte ^= 1 << random.below(7);
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

/// Mutates `text` `times` times, one to three changes each, and has every result judged. Returns
/// how many were accepted, with the meaning that they have to have.
fn attack(seed: u64, text: &str, times: usize, mut judged: impl FnMut(&str) -> bool) -> usize {
    let mut random = Random(seed);
    let mut accepted = 0;
    for _ in 0..times {
        let mut changed = text.to_owned();
        for _ in 0..=random.below(3) {
            changed = mutated(&mut random, &changed);
        }
        accepted += usize::from(judged(&changed));
    }
    accepted
}

#[track_caller]
fn attack_responses(signed: Signed, seed_number: u64) {
    let meaning = meaning();
    let text = seed(signed);
    let accepted = attack(seed_number, &text, 10_000, |changed| match judge(changed) {
        Ok(token) => {
            assert_eq!(token, meaning, "{changed}");
            true
        }
        Err(refusal) => {
            // The refusal can be shown, whatever it quotes.
            assert!(refusal.fault().number().is_some());
            false
        }
    });
    // Some changes mean nothing: those are accepted, so the attack does come that far.
    assert!((1..5_000).contains(&accepted), "{accepted}");
}

/// Ten thousand changes a test, so that they run side by side.
macro_rules! attacks {
    ($($name:ident: $signed:expr, $seed:literal;)*) => {$(
        #[test]
        fn $name() {
            attack_responses($signed, $seed);
        }
    )*};
}

attacks! {
    changed_responses_with_a_signed_assertion_1: Signed::Assertion, 0x5EED_0001;
    changed_responses_with_a_signed_assertion_2: Signed::Assertion, 0x5EED_0002;
    changed_responses_with_a_signed_assertion_3: Signed::Assertion, 0x5EED_0003;
    changed_responses_that_are_signed_1: Signed::Response, 0x5EED_0011;
    changed_responses_that_are_signed_2: Signed::Response, 0x5EED_0012;
    changed_responses_that_are_signed_3: Signed::Response, 0x5EED_0013;
    changed_responses_with_both_signed_1: Signed::Both, 0x5EED_0021;
    changed_responses_with_both_signed_2: Signed::Both, 0x5EED_0022;
    changed_responses_with_both_signed_3: Signed::Both, 0x5EED_0023;
}

#[test]
fn changed_results_of_ws_federation() {
    let meaning = ws_fed::judge(&ws_fed::seed()).unwrap();
    let accepted = attack(0x5EED_0004, &ws_fed::seed(), 10_000, |changed| {
        ws_fed::judge(changed).is_ok_and(|token| {
            assert_eq!(token, meaning, "{changed}");
            true
        })
    });
    assert!((1..5_000).contains(&accepted), "{accepted}");
}
