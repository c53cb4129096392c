"""The sessions of staff, each with the number of the account that it belongs to.

Named in the settings as SESSION_ENGINE. Django's own table does not say whose a session is, and
so nobody could see or end their other ones.
"""

from hashlib import sha256

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models
from django.utils.translation import gettext_lazy as _

#: What a session keeps of itself: when it began, was last used, and where it came from.
BEGAN, SEEN, ADDRESS = "began_at", "seen_at", "address"


class SessionQuerySet(models.QuerySet):
    def of(self, person: models.Model) -> "SessionQuerySet":
        return self.filter(person=person.pk)


class Session(AbstractBaseSession):
    """One browser in which somebody signed in, or is about to."""

    person = models.PositiveBigIntegerField(_("account"), null=True, db_index=True)

    objects = BaseSessionManager.from_queryset(SessionQuerySet)()

    class Meta(AbstractBaseSession.Meta):
        abstract = False

    @classmethod
    def get_session_store_class(cls):
        return SessionStore

    @property
    def handle(self) -> str:
        """What a page calls it: the key itself would let whoever sees it in."""
        return handle_of(self.session_key)


class SessionStore(DatabaseStore):
    """Django's sessions in the database, told apart by account."""

    cache_key_prefix = "tracker.session"

    @classmethod
    def get_model_class(cls):
        return Session

    def create_model_instance(self, data):
        row = super().create_model_instance(data)
        number = str(data.get(SESSION_KEY, ""))
        row.person = int(number) if number.isdecimal() else None
        return row


def handle_of(key: str) -> str:
    return sha256(key.encode()).hexdigest()[:16]
