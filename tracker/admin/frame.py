"""What pledges stand in: programmes and their pillars, sectors, bodies, sources."""

from django.contrib import admin

from tracker.admin.history import HistoryAdmin
from tracker.models import Body, Passage, Pillar, Programme, Sector, Source, SourceNote


class PillarInline(admin.TabularInline):
    model = Pillar
    extra = 0


@admin.register(Programme)
class ProgrammeAdmin(HistoryAdmin):
    list_display = ("slug", "name_en", "name_zh", "announced_on")
    search_fields = ("slug", "name_en", "name_zh")
    inlines = (PillarInline,)
    parts = ("pillars",)


@admin.register(Sector)
class SectorAdmin(HistoryAdmin):
    list_display = ("slug", "name_en", "name_zh")
    search_fields = ("slug", "name_en", "name_zh")


@admin.register(Body)
class BodyAdmin(HistoryAdmin):
    list_display = ("slug", "name_en", "name_zh")
    search_fields = ("slug", "name_en", "name_zh")
    filter_horizontal = ("members",)


class PassageInline(admin.TabularInline):
    model = Passage
    extra = 0
    autocomplete_fields = ("pledge",)


class SourceNoteInline(admin.StackedInline):
    model = SourceNote
    extra = 0
    fields = (
        ("key", "start", "end"),
        ("problem_en", "problem_zh"),
        ("meaning_en", "meaning_zh"),
        ("basis_en", "basis_zh"),
    )


@admin.register(Source)
class SourceAdmin(HistoryAdmin):
    list_display = ("slug", "title_en", "publisher_en", "published_on")
    search_fields = ("slug", "title_en", "title_zh", "publisher_en", "publisher_zh")
    inlines = (PassageInline, SourceNoteInline)
    parts = ("passages", "notes")

    def get_readonly_fields(self, request, obj=None):
        # The offsets of its passages count into the text: with passages it stays as it is.
        return ("text", "sha256") if obj and obj.passages.exists() else ()
