"""Passkeys: what a browser is asked, and what is made of its answer. The work is `fido2`'s."""

import ipaddress
import json
import struct
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from django.db import transaction
from fido2.server import Fido2Server
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    UserVerificationRequirement,
)

from tracker.actions import audit
from tracker.actions.audit import Doer
from tracker.models import Passkey, User
from tracker.vocabulary import AuditKind

#: The password is the other factor: the device need not ask for a finger or a number as well.
_VERIFICATION = UserVerificationRequirement.PREFERRED

#: What the library raises at an answer that is none: it parses whatever was sent.
_UNREADABLE = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    AssertionError,
    RecursionError,
    NotImplementedError,
    struct.error,
    UnsupportedAlgorithm,
)


@dataclass(frozen=True)
class Question:
    """What a browser is asked, as WebAuthn's JSON has it, and what to keep until it answers."""

    for_browser: dict[str, Any]
    state: dict[str, Any]


def is_possible(host: str) -> bool:
    """Whether a passkey can be bound to this host: it needs a name, not a number."""
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return bool(host)
    return False


def _server(host: str) -> Fido2Server:
    return Fido2Server(PublicKeyCredentialRpEntity(id=host, name="Pledge tracker"))


def _kept(person: User) -> list[AttestedCredentialData]:
    rows = person.passkeys.all()
    return [AttestedCredentialData(websafe_decode(row.public_key)) for row in rows]


def offer(person: User, *, host: str) -> Question:
    """Asks the browser to make a passkey for this person."""
    name = person.get_username()
    user = PublicKeyCredentialUserEntity(id=str(person.pk).encode(), name=name, display_name=name)
    options, state = _server(host).register_begin(
        user, _kept(person), user_verification=_VERIFICATION
    )
    return Question(dict(options), state)


@transaction.atomic
def add(
    person: User, *, host: str, state: dict | None, sent: str, name: str, doer: Doer
) -> Passkey | None:
    """Keeps the passkey that a browser made when it was asked; None where it is not one."""
    if state is None:
        return None
    try:
        made = _server(host).register_complete(state, json.loads(sent))
        held = made.credential_data
    except _UNREADABLE:
        return None
    if held is None:
        return None
    credential = websafe_encode(held.credential_id)
    public_key = websafe_encode(bytes(held))
    if len(public_key) > 4000 or Passkey.objects.filter(credential=credential).exists():
        return None
    row = Passkey.objects.create(
        name=name,
        credential=credential,
        public_key=public_key,
        uses=made.counter,
        added_at=doer.at,
        added_by=person,
    )
    audit.write(doer, AuditKind.FACTOR_ADDED, about=person, detail="passkey")
    return row


def ask(person: User, *, host: str) -> Question | None:
    """Asks the browser for one of the person's passkeys; None where there is none to ask for."""
    kept = _kept(person) if is_possible(host) else []
    if not kept:
        return None
    options, state = _server(host).authenticate_begin(kept, user_verification=_VERIFICATION)
    return Question(dict(options), state)


@transaction.atomic
def check(person: User, *, host: str, state: dict | None, sent: str) -> bool:
    """Whether a browser's answer proves that one of the person's passkeys is there."""
    if state is None:
        return False
    try:
        answer = AuthenticationResponse.from_dict(json.loads(sent))
        found = _server(host).authenticate_complete(state, _kept(person), answer)
        uses = answer.response.authenticator_data.counter
    except _UNREADABLE:
        return False
    row = person.passkeys.select_for_update().get(credential=websafe_encode(found.credential_id))
    # A device that counts has counted on; else there are two of it.
    if (uses or row.uses) and uses <= row.uses:
        return False
    row.uses = uses
    row.save(update_fields=["uses"])
    return True
