"""The database backend of a process that reads views only (`PUBLIC_ONLY`)."""

from django.db.backends.postgresql import base, features


class DatabaseFeatures(features.DatabaseFeatures):
    # To group a table by its key is to group it by every column. A view has no key.
    allows_group_by_selected_pks = False


class DatabaseWrapper(base.DatabaseWrapper):
    features_class = DatabaseFeatures
