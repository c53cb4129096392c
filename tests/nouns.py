"""The nouns of the record. The library that keeps their history adds tables of its own to them."""

from django.apps import apps

NOUNS = sorted(
    (
        model
        for model in apps.get_app_config("tracker").get_models()
        if not model.__name__.startswith("Historical")
    ),
    key=lambda model: model.__name__,
)
