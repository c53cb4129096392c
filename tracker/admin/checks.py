"""What `check`, or `check --deploy`, says of how staff sign in."""

from django.conf import settings
from django.core.checks import Tags, Warning, register  # noqa: A004

from tracker.rules import breaches

ALONE = Warning(
    "REQUIRE_2FA is off: a password alone lets staff in.",
    hint="Take REQUIRE_2FA=0 out of the environment of a site that others can reach.",
    id="tracker.W001",
)


@register(Tags.security, deploy=True)
def passwords_alone(app_configs, **options) -> list[Warning]:
    """Warns where staff need no second factor."""
    return [] if settings.REQUIRE_2FA else [ALONE]


# A warning, not an error: an error would stop every command, the nightly backup among them.
@register(Tags.security)
def breached_passwords(app_configs, **options) -> list[Warning]:
    """Warns where BREACHED_PASSWORDS names no list that passwords can be looked up in."""
    path = settings.BREACHED_PASSWORDS
    if not path:
        return []
    try:
        with open(path, "rb") as file:
            fault = breaches.fault_of(file)
    except OSError as error:
        fault = f"It cannot be read: {error.strerror}."
    if not fault:
        return []
    return [
        Warning(
            f"BREACHED_PASSWORDS, {path}: {fault}",
            hint="Until it is there and whole, no password can be set. See docs/signing-in.md.",
            id="tracker.W002",
        )
    ]
