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


def signs_in_at_work(browser, asked_to_stay=True):
    browser.expect("Enter password")
    browser.type("#i0118", PASSWORD)
    browser.click("#idSIButton9")
    if asked_to_stay:
        stays_signed_in(browser)


def stays_signed_in(browser):
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


def signs_in_at_litware(browser, address):
    """The mock Litware keeps no session, so it always asks."""
    browser.expect("Sign in")
    browser.type("#userNameInput", address)
    browser.type("#passwordInput", PASSWORD)
    browser.click("#submitButton")


def accepts_organization(browser):
    browser.expect("Review permissions")
    browser.click("#idBtn_Accept")
    browser.expect("Terms of use")
    browser.click("#idBtn_Accept")


def enters_device_code(browser, address, code):
    browser.open(address)
    browser.expect("Enter code")
    browser.type("#otc", code)
    browser.click("#idSIButton9")


def confirms_device(browser, app, person):
    browser.expect(f"Are you trying to sign in to {app}?")
    browser.click("#idSIButton9")
    if person.idp is None:
        stays_signed_in(browser)
    browser.expect("You have signed in")


def signs_in(browser, server, person, on_device=False):
    """A whole sign-in at Contoso, from its first page; a guest redeems on the way."""
    types_name(browser, person.address)
    if person.proof == "work":
        # Contoso asks later, when the device is confirmed; a guest's home knows nothing of devices.
        signs_in_at_work(browser, person.idp is not None or not on_device)
    elif person.proof == "passcode":
        proves_by_passcode(browser, server, person.address, CONTOSO)
    elif person.proof == "google":
        signs_in_at_google(browser, person.address)
    if person.idp is not None:
        accepts_organization(browser)
