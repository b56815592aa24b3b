use super::{EmailAddress, TenantId};

#[test]
fn parses_a_guid_in_its_canonical_form_only() {
    let id: TenantId = "C0A70500-0000-4000-8000-00000000C0A7".parse().unwrap();
    assert_eq!(id.to_string(), "c0a70500-0000-4000-8000-00000000c0a7");
    for wrong in [
        "",
        "common",
        "{c0a70500-0000-4000-8000-00000000c0a7}",
        "c0a7050000004000800000000000c0a7",
        "urn:uuid:c0a70500-0000-4000-8000-00000000c0a7",
    ] {
        assert!(wrong.parse::<TenantId>().is_err(), "{wrong}");
    }
}

#[test]
fn gives_an_address_one_normal_form() {
    let address = |text: &str| text.parse::<EmailAddress>().map(|a| a.to_string());
    assert_eq!(address("Kim@Good.Example").unwrap(), "kim@good.example");
    assert_eq!(address("kim@BÜCHER.example").unwrap(), "kim@xn--bcher-kva.example");
    assert_ne!(address("kim+a@good.example"), address("kim@good.example"));
}

#[test]
fn refuses_what_is_not_plainly_an_address() {
    for wrong in [
        "",
        "kim",
        "@good.example",
        "kim@",
        "kim@localhost",
        "kim@good..example",
        "kim@good.example.",
        "kim@@good.example",
        "a@b@good.example",
        "\u{212A}im@good.example",
        "kim@good.example\r\nBcc: all@y.example",
        "Kim <kim@good.example>",
        "kim@good.example,tom@good.example",
        "kim@127.0.0.1",
        "kim@exa mple.example",
        ".kim@good.example",
        "k..im@good.example",
        "kim\0@good.example",
        "\"kim\"@good.example",
    ] {
        assert!(wrong.parse::<EmailAddress>().is_err(), "{wrong:?} was taken");
    }
}

#[test]
fn refuses_in_an_invitation_what_graph_refuses() {
    for wrong in ["a+b@x.example", "a!b@x.example", "-a@x.example", "a-@x.example"] {
        let address: EmailAddress = wrong.parse().unwrap();
        assert!(address.check_invitable().is_err(), "{wrong}");
    }
    for right in ["a.b@x.example", "a_b@x.example", "a-b@x.example"] {
        let address: EmailAddress = right.parse().unwrap();
        assert!(address.check_invitable().is_ok(), "{right}");
    }
}

#[test]
fn shows_no_secret_in_debug_output() {
    assert_eq!(format!("{:?}", super::CodeValue::new("abc")), "CodeValue(…)");
}
