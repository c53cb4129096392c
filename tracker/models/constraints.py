"""Constraints that several nouns share, each said once."""

from django.db.models import CheckConstraint, F, Q
from django.utils.translation import gettext_lazy as _

from tracker.vocabulary import DatePrecision


def one_of(model: str, field: str, choices) -> CheckConstraint:
    """`field` holds one of the codes of `choices` (a TextChoices), or one of a list of codes."""
    return CheckConstraint(
        name=f"{model}_{field}_known",
        condition=Q(**{f"{field}__in": list(getattr(choices, "values", choices))}),
    )


def moment_with_person(model: str, step: str) -> CheckConstraint:
    """`<step>_at` and `<step>_by` are both there or both missing."""
    return CheckConstraint(
        name=f"{model}_{step}_paired",
        condition=Q(**{f"{step}_at__isnull": True, f"{step}_by__isnull": True})
        | Q(**{f"{step}_at__isnull": False, f"{step}_by__isnull": False}),
    )


def date_with_precision(model: str, prefix: str, *, may_be_unsaid: bool = False) -> CheckConstraint:
    """`<prefix>_on` is there just where `<prefix>_precision` says how exact it is.

    With `may_be_unsaid`, an empty precision says that nothing is said of the date at all.
    """
    no_date = [DatePrecision.NONE.value, *([""] if may_be_unsaid else [])]
    return CheckConstraint(
        name=f"{model}_{prefix}_paired",
        condition=Q(**{f"{prefix}_on__isnull": True, f"{prefix}_precision__in": no_date})
        | Q(
            **{
                f"{prefix}_on__isnull": False,
                f"{prefix}_precision__in": [
                    precision.value for precision in DatePrecision if precision.value not in no_date
                ],
            }
        ),
        violation_error_message=_(
            "Give a date together with how exact it is, or no date and “no date stated”."
        ),
    )


def stretch(model: str) -> CheckConstraint:
    """`start` comes before `end`: the stretch `text[start:end]` is not empty."""
    return CheckConstraint(
        name=f"{model}_start_before_end",
        condition=Q(start__lt=F("end")),
        violation_error_message=_("The start must come before the end."),
    )
