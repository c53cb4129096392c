"""The sessions of staff, each with the number of the account that it belongs to.

Django's own table does not say whose a session is, and so nobody could see or end their other ones.
How they are read and written is of the project, and named in its settings: SESSION_ENGINE.
"""

from hashlib import sha256
from importlib import import_module

from django.conf import settings
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
        return import_module(settings.SESSION_ENGINE).SessionStore

    @property
    def handle(self) -> str:
        """What a page calls it: the key itself would let whoever sees it in."""
        return handle_of(self.session_key)


def handle_of(key: str) -> str:
    return sha256(key.encode()).hexdigest()[:16]
