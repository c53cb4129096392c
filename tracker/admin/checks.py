"""What `check --deploy` says of how staff sign in."""

from django.conf import settings
from django.core.checks import Tags, Warning, register  # noqa: A004

ALONE = Warning(
    "REQUIRE_2FA is off: a password alone lets staff in.",
    hint="Take REQUIRE_2FA=0 out of the environment of a site that others can reach.",
    id="tracker.W001",
)


@register(Tags.security, deploy=True)
def passwords_alone(app_configs, **options) -> list[Warning]:
    """Warns where staff need no second factor."""
    return [] if settings.REQUIRE_2FA else [ALONE]
