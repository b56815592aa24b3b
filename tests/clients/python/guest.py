"""What a guest does on the pages, step by step."""

from server import CONTOSO

PASSWORD = "guestpass"


def types_name(browser, address):
    browser.expect("Sign in")
    browser.type("#i0116", address)
    browser.click("#idSIButton9")


def proves_by_passcode(browser, server, address, tenant):
    browser.expect("Verify your email")
    browser.click("#idSIButton9")
    browser.expect("Enter code")
    browser.type("#idTxtBx_OTC_Password", server.passcode(address, tenant))
    browser.click("#idSIButton9")


def signs_in_at_work(browser):
    browser.expect("Enter password")
    browser.type("#i0118", PASSWORD)
    browser.click("#idSIButton9")
    browser.expect("Stay signed in?")
    browser.click("#idSIButton9")


def signs_in_at_google(browser, address):
    """The mock Google knows the address already and asks for it all the same."""
    browser.expect("Sign in")
    assert browser.value("#identifierId") == address
    browser.click("#identifierNext")
    browser.expect("Welcome")
    browser.type("input[name=Passwd]", PASSWORD)
    browser.click("#passwordNext")


def accepts_organization(browser):
    browser.expect("Review permissions")
    browser.click("#idBtn_Accept")
    browser.expect("Terms of use")
    browser.click("#idBtn_Accept")


def signs_in(browser, server, person):
    """A whole sign-in at Contoso, from its first page; a guest redeems on the way."""
    types_name(browser, person.address)
    if person.proof == "work":
        signs_in_at_work(browser)
    elif person.proof == "passcode":
        proves_by_passcode(browser, server, person.address, CONTOSO)
    elif person.proof == "google":
        signs_in_at_google(browser, person.address)
    if person.idp is not None:
        accepts_organization(browser)
