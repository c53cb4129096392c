"""Signing in with a second factor in a real browser, with a passkey that Chromium itself plays."""

import re
from base64 import b32decode

import pytest
from django_otp.oath import totp

from tests.admin.desk import address, signed_in
from tests.browser.looking import faults
from tracker.models import User

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]

PHONE = {"width": 320, "height": 640}
CHOSEN = "a new row of plain words"


def look_at(page):
    """What axe finds wrong, and whether the page is wider than the screen."""
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


def invited(name: str) -> str:
    """The link by which this person is to choose a password, as an administrator is shown it."""
    admin, person = (User.objects.get(username=each) for each in ("admin", name))
    asked = signed_in(admin).post(address("user", "step", person.pk, "invite"), {"confirmed": "1"})
    page = asked.content.decode()
    return re.search(r"/admin/sign-in/choose/[^<]+", page)[0]


def test_from_an_invitation_to_a_passkey(visitor, settings):
    link = invited("editor")
    settings.REQUIRE_2FA = True
    # A passkey is bound to a name, never to a number.
    person = visitor(viewport=PHONE, color_scheme="dark", locale="zh-CN")
    page, base = person.page, person.base.replace("127.0.0.1", "localhost")
    tools = person.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "automaticPresenceSimulation": True}
    options |= {"hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": options})

    # In a browser the form of this page is taken, too: its policy on referrers lets it say whence.
    page.goto(base + link)
    look_at(page)
    for field in ("#id_new_password1", "#id_new_password2"):
        page.fill(field, CHOSEN)
    page.click(".stack button")
    page.wait_for_url("**/admin/login/**")

    def sign_in():
        page.goto(f"{base}/admin/tracker/update/")
        page.fill("#id_username", "editor")
        page.fill("#id_password", CHOSEN)
        page.click("[type=submit]")

    sign_in()
    page.wait_for_url("**/sign-in/set-up/**")
    look_at(page)
    page.click("a[href*='set-up/app']")
    page.wait_for_url("**/set-up/app/**")
    look_at(page)
    secret = page.inner_text(".secret").replace(" ", "")
    page.fill("#code", f"{totp(b32decode(secret)):06d}")
    page.click(".stack button")
    # The codes stand at the form's own address: a count at once might be taken before they come.
    page.wait_for_selector(".codes li")
    assert page.locator(".codes li").count() == 10
    look_at(page)
    page.click("a.button")
    page.wait_for_url("**/admin/tracker/update/")

    page.goto(f"{base}/admin/sign-in/set-up/passkey/")
    look_at(page)
    page.fill("#id_name", "Chromium")
    page.click(".stack button")
    page.wait_for_url("**/admin/sign-in/")
    assert page.get_by_text("Chromium").is_visible()
    look_at(page)

    page.click("#logout-form button")
    sign_in()
    page.wait_for_url("**/second-step/**")
    look_at(page)
    page.click("form[data-passkey] button")
    page.wait_for_url("**/admin/tracker/update/")
    assert person.complaints == []
