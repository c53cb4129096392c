"""Second factors: adding one, asking for one, taking one away."""

from collections.abc import Sequence

from django.db import transaction
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from tracker.actions import audit, sessions
from tracker.actions.audit import Doer
from tracker.models import Passkey, RecoveryCode, User
from tracker.models.factor import digest_of, new_code
from tracker.vocabulary import AuditKind

CODES = 10
#: How many steps of half a minute a telephone's clock may be wrong by.
TOLERANCE = 1


@transaction.atomic
def add_app(person: User, *, key: str, code: str, name: str, doer: Doer) -> TOTPDevice | None:
    """Keeps the secret `key` (hexadecimal) that an app was shown, once it gives the right `code`.

    None where it does not. That code is used up with it.
    """
    totp = TOTP(bytes.fromhex(key))
    totp.time = doer.at.timestamp()
    if not (code.isascii() and code.isdecimal() and totp.verify(int(code), TOLERANCE)):
        return None
    device = TOTPDevice.objects.create(
        user=person, key=key, name=name, confirmed=True, last_t=totp.t(), drift=totp.drift
    )
    audit.write(doer, AuditKind.FACTOR_ADDED, about=person, detail="app")
    return device


@transaction.atomic
def check_code(person: User, code: str) -> bool:
    """Whether an app of this person shows `code` now. The same code is never right twice."""
    devices = TOTPDevice.objects.select_for_update().filter(user=person, confirmed=True)
    if not any(device.verify_token(code) for device in devices):
        return False
    # That it was not the code of another app is no failure of that app's.
    devices.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    return True


def spend_recovery_code(person: User, code: str) -> bool:
    """Whether `code` was one of this person's; it no longer is."""
    return person.recovery_codes.spend(code)


@transaction.atomic
def make_codes(person: User, *, doer: Doer) -> Sequence[str]:
    """New recovery codes in place of all former ones. They are shown once, and kept nowhere."""
    person.recovery_codes.all().delete()
    codes = [new_code() for _number in range(CODES)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(digest=digest_of(code), made_at=doer.at, made_by=person) for code in codes
    )
    audit.write(doer, AuditKind.CODES_MADE, about=person)
    return codes


@transaction.atomic
def take_away(person: User, factor: TOTPDevice | Passkey, *, doer: Doer) -> None:
    """Takes one factor away; with the last one go the recovery codes."""
    kind = "passkey" if isinstance(factor, Passkey) else "app"
    factor.delete()
    if not person.has_second_factor:
        person.recovery_codes.all().delete()
    audit.write(doer, AuditKind.FACTOR_REMOVED, about=person, detail=kind)


@transaction.atomic
def take_all_away(person: User, *, doer: Doer) -> None:
    """For who lost them: every factor and recovery code goes, and every session ends."""
    person.passkeys.all().delete()
    TOTPDevice.objects.filter(user=person).delete()
    person.recovery_codes.all().delete()
    audit.write(doer, AuditKind.FACTOR_REMOVED, about=person, detail="all")
    sessions.end(person, doer=doer)
