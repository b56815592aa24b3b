"""The person's browser, scripted: cookies, redirects, and the forms that the pages really have."""

from urllib.parse import urljoin

import requests
from bs4 import BeautifulSoup

MAX_REDIRECTS = 20


class Browser:
    def __init__(self, server):
        self._origin = server.origin
        self._session = requests.Session()
        self._page = None
        self.url = None
        # Where a redirect or a form left the server for, and what the form held: nothing needs to
        # listen there.
        self.left = None
        self.posted = None

    def close(self):
        self._session.close()

    def open(self, url):
        self._go("GET", url)

    def post(self, url, fields):
        """Submits a form that a page of another server holds for this one."""
        self._go("POST", url, data=fields, headers={"Origin": "null"})

    def type(self, selector, value):
        """Types into the control that a CSS selector finds."""
        self._find(selector)["value"] = value

    def click(self, selector):
        """Presses a button: submits its form as the page has it, with what was typed."""
        button = self._find(selector)
        form = button.find_parent("form")
        assert form is not None, f"{selector} is in no form"
        assert form["method"].lower() == "post", form["method"]
        action = urljoin(self.url, form.get("action", ""))
        fields = _fields(form, button)
        if not self._is_ours(action):
            self._page, self.left, self.posted = None, action, dict(fields)
            return
        self._go("POST", action, data=fields, headers={"Origin": self._origin})

    def returns_to_application(self):
        """Sends the form that an answer by form_post is, as its script would."""
        self.expect("Going back to the application")
        self.click("input[type=submit]")

    @property
    def heading(self):
        heading = self._page and self._page.h1
        return heading and " ".join(heading.get_text().split())

    @property
    def text(self):
        return self._page.main.get_text("\n", strip=True) if self._page else "(no page)"

    def value(self, selector):
        return self._find(selector).get("value")

    def expect(self, heading):
        """Asserts which page is shown; a page that is not expected is printed."""
        where = f"at {self.left or self.url}: {self.text}"
        assert self.heading == heading, f"not {heading!r} but {self.heading!r} {where}"
        assert self._page.select_one("[role=alert]") is None, where

    def _find(self, selector):
        element = self._page and self._page.select_one(selector)
        assert element is not None, f"no {selector} at {self.left or self.url}: {self.text}"
        return element

    def _is_ours(self, url):
        return url.startswith(self._origin + "/")

    def _go(self, method, url, **request):
        self._page = self.left = self.posted = None
        for _ in range(MAX_REDIRECTS):
            self.url = url
            answer = self._session.request(
                method, url, allow_redirects=False, timeout=30, **request
            )
            location = answer.headers.get("location")
            if location is None:
                self._page = BeautifulSoup(answer.text, "html.parser")
                return
            url = urljoin(url, location)
            if not self._is_ours(url):
                self.left = url
                return
            method, request = "GET", {}
        raise AssertionError(f"more than {MAX_REDIRECTS} redirects")


def _fields(form, button):
    """The successful controls of a form, as HTML counts them."""
    fields = []
    for control in form.select("input[name], button[name]"):
        submits = control.name == "button" or control.get("type") == "submit"
        if control.has_attr("disabled") or (submits and control is not button):
            continue
        fields.append((control["name"], control.get("value", "")))
    return fields
