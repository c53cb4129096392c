"""Under which licence the data are given: the operator's decision."""

from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True)
class Licence:
    """A licence by its name in the SPDX list, and where that list has its text."""

    name: str

    @property
    def address(self) -> str:
        return f"https://spdx.org/licenses/{self.name}.html"


def of_the_data() -> Licence:
    """The licence that the setting DATA_LICENCE names."""
    return Licence(settings.DATA_LICENCE)
