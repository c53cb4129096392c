"""Bringing files in: uploaded, previewed row by row, confirmed. Files are kept as they came."""

import csv
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from tracker.actions import imports
from tracker.actions.imports.columns import CODE_PREFIX, DATE_ORDER, SHAPES, Matching
from tracker.admin.audited import AuditedAdmin
from tracker.forms.days import IsoDateField
from tracker.forms.scanning import scanned
from tracker.models import ImportFile, Programme
from tracker.rules.cells import guarded
from tracker.rules.dates import day_of
from tracker.rules.readings import key
from tracker.rules.tables import MAX_BYTES, MIB, Unreadable
from tracker.vocabulary import DateOrder, EvidenceKind, FileFault, ImportKind, ImportOutcome, Status

ROWS_A_PAGE = 100
#: More words than this are not asked for one by one.
MAX_WORDS = 40
NOT_READ = "-"


class UploadForm(forms.Form):
    """The file to bring in."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("CSV or Excel (.xlsx), up to 10 MiB and 20,000 rows."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("What its rows are"),
        choices=[("", gettext_lazy("Tell by its header")), *ImportKind.choices],
        required=False,
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(
                str(Unreadable(FileFault.TOO_LARGE, limit=MAX_BYTES // MIB))
            )
        return scanned(file)


class ChoicesForm(forms.Form):
    """What the person who brings a file in says about it: its columns, its words, what it lacks."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What its rows are"), choices=ImportKind.choices, required=True
    )
    adds = forms.BooleanField(
        label=gettext_lazy("Add programmes, pillars, sectors and bodies that are not known yet"),
        required=False,
    )

    def __init__(self, data=None, *, file, plan, person):
        choices = imports.Choices(**file.outcome["choices"])
        super().__init__(data, initial={"kind": file.kind, "adds": choices.adds})
        self.matching, self.given, self.words = plan.matching, [], []
        self._columns(plan)
        for name in (*plan.matching.shape.given, DATE_ORDER):
            field = _given_field(name, plan.matching)
            field.initial = choices.given.get(name, "")
            self.fields[f"given_{name}"] = field
            self.given.append(name)
        words = [*choices.words, *(w for w in plan.unknown_words if key(w) not in choices.words)]
        for number, word in enumerate(words[:MAX_WORDS]):
            self.fields[f"word_{number}"] = forms.ChoiceField(
                label=_("The file’s “%s” is") % word,
                choices=[("", _("– not said –")), *Status.choices],
                required=False,
                initial=choices.words.get(key(word), ""),
            )
            self.words.append(word)
        if not (person.cares_for_all and person.has_perm("tracker.add_body")):
            del self.fields["adds"]

    def _columns(self, plan: imports.Plan) -> None:
        matching, shape = plan.matching, plan.matching.shape
        columns = [("", _("– as its name says –")), (NOT_READ, _("– not read –"))]
        columns += [(c.name, f"{c.label} ({c.name})") for c in shape.columns]
        for place, header in enumerate(matching.header):
            if not header:
                continue
            chosen = matching.by_place.get(place, "")
            self.fields[f"column_{place}"] = forms.ChoiceField(
                label=header,
                choices=columns if chosen in dict(columns) else [*columns, (chosen, chosen)],
                required=False,
                initial=chosen,
                help_text=self._example(plan, place),
            )

    def _example(self, plan: imports.Plan, place: int) -> str:
        example = Truncator(plan.example(place)).chars(60)
        return _("For example: %s") % example if example else ""

    def column_fields(self):
        return [self[name] for name in self.fields if name.startswith("column_")]

    def given_fields(self):
        return [self[f"given_{name}"] for name in self.given]

    def word_fields(self):
        return [self[f"word_{number}"] for number in range(len(self.words[:MAX_WORDS]))]

    def choices(self) -> imports.Choices:
        """What was said, as the actions take it."""
        said = self.cleaned_data
        columns = {
            key(header): said[f"column_{place}"].replace(NOT_READ, "")
            for place, header in enumerate(self.matching.header)
            if header and said.get(f"column_{place}")
        }
        given = {name: str(said[f"given_{name}"] or "") for name in self.given}
        words = {key(w): said.get(f"word_{n}", "") for n, w in enumerate(self.words)}
        return imports.Choices(
            kind=said["kind"],
            columns=columns,
            given={name: value for name, value in given.items() if value},
            words={word: code for word, code in words.items() if code},
            adds=said.get("adds", False),
        )


def _given_field(name: str, matching: Matching) -> forms.Field:
    label = capfirst(str(matching.shape.label_of.get(name, name)))
    if name == CODE_PREFIX:
        return forms.CharField(
            label=_("Codes begin with"),
            help_text=_("Put before each code; where the file has none, before the row’s number."),
            max_length=12,
            required=False,
        )
    if name == DATE_ORDER:
        return forms.ChoiceField(
            label=_("Days such as 03/04/2025 are written"),
            choices=[("", _("– refused: use YYYY-MM-DD –")), *DateOrder.choices],
            required=False,
        )
    if name.endswith("_on"):
        return IsoDateField(label=label, required=False)
    words = {"status": Status, "evidence_kind": EvidenceKind}.get(name)
    if words:
        return forms.ChoiceField(label=label, choices=[("", "–"), *words.choices], required=False)
    field = forms.CharField(label=label, max_length=300, required=False)
    if name == "programme":
        known = ", ".join(Programme.objects.values_list("slug", flat=True))
        field.help_text = _("Known: %s") % (known or "–")
    return field


@admin.register(ImportFile)
class ImportFileAdmin(AuditedAdmin):
    """The files that were brought in, each with its preview and what became of it."""

    list_display = ("filename", "kind", "uploaded_at", "uploaded_by", "applied_at", "result")
    list_filter = ("kind", ("uploaded_by", admin.RelatedOnlyFieldListFilter))
    search_fields = ("filename", "sha256")
    date_hierarchy = "uploaded_at"
    list_select_related = ("uploaded_by",)

    @admin.display(description=gettext_lazy("result"))
    def result(self, file):
        return _counted(file.outcome["counts"]) if file.applied_at else _("not imported")

    def get_queryset(self, request):
        files = super().get_queryset(request)
        # A file may hold what is not public yet, of whatever body.
        return files if request.user.cares_for_all else files.filter(uploaded_by=request.user)

    def changelist_view(self, request, extra_context=None):
        return super().changelist_view(request, {"title": _("Imported files")})

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def get_urls(self):
        def step(name, view):
            page = f"{self.opts.app_label}_{self.opts.model_name}_{name}"
            return path(f"<int:pk>/{name}/", self.admin_site.admin_view(view), name=page)

        return [
            step("choose", require_POST(self.choose_view)),
            step("confirm", require_POST(self.confirm_view)),
            step("preview", self.preview_view),
            step("download", self.download_view),
            *super().get_urls(),
        ]

    # --- Pages -------------------------------------------------------------------------

    def add_view(self, request, form_url="", extra_context=None):
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = UploadForm(
            request.POST or None, request.FILES or None, initial={"kind": request.GET.get("kind")}
        )
        if form.is_valid():
            kept = self._keep(request, form)
            if kept is not None:
                return redirect(self._page(kept))
        return self._answer(
            request, "upload", {"title": _("Import"), "form": form, "shapes": SHAPES.values()}
        )

    def _keep(self, request, form):
        file = form.cleaned_data["file"]
        try:
            return imports.keep(
                content=file.read(),
                filename=file.name,
                choices=imports.Choices(kind=form.cleaned_data["kind"]),
                by=request.user,
                at=timezone.now(),
            )
        except Unreadable as error:
            form.add_error("file", str(error))
            return None

    def change_view(self, request, object_id, form_url="", extra_context=None):
        file = self._file(request, object_id)
        if file.applied_at is not None:
            return self._answer(request, "result", {"title": file.filename, "file": file})
        plan = self._plan(request, file)
        return self._preview(request, file, plan)

    def choose_view(self, request, pk):
        file = self._file(request, pk)
        plan = self._plan(request, file)
        form = ChoicesForm(request.POST, file=file, plan=plan, person=request.user)
        if not form.is_valid():
            return self._preview(request, file, plan, form=form)
        imports.choose(file, choices=form.choices(), by=request.user)
        return redirect(self._page(file))

    def confirm_view(self, request, pk):
        file = self._file(request, pk)
        now = timezone.now()
        digest = request.POST.get("digest", "")
        try:
            imports.apply(file, digest=digest, by=request.user, at=now, on=day_of(now))
        except imports.Moved as moved:
            messages.error(request, str(moved))
            return self._preview(request, file, moved.plan, moved=moved.rows)
        except (imports.Wrong, imports.Applied) as refused:
            messages.error(request, str(refused))
            return redirect(self._page(file))
        self.log_change(request, file, _("Imported."))
        messages.success(request, _("Imported."))
        return redirect(self._page(file))

    def preview_view(self, request, pk):
        """The whole preview as a file."""
        file = self._file(request, pk)
        response = HttpResponse(content_type="text/csv; charset=utf-8")
        name = f"preview-{file.pk}.csv"
        response["Content-Disposition"] = content_disposition_header(True, name)
        lines = csv.writer(response)
        lines.writerow(["row", "about", "outcome", "what"])
        for row in self._plan(request, file).rows:
            what = "; ".join([*row.said, *row.notes])
            cells = (row.about, str(row.outcome.label), what)
            lines.writerow([row.number, *map(guarded, cells)])
        return response

    def download_view(self, request, pk):
        """The file as it came."""
        file = self._file(request, pk)
        response = HttpResponse(bytes(file.content), content_type="application/octet-stream")
        response["Content-Disposition"] = content_disposition_header(True, file.filename)
        return response

    # --- Parts of them -------------------------------------------------------------------

    def _file(self, request, pk):
        file = self.get_object(request, str(pk))
        if file is None or not self.has_view_permission(request, file):
            raise Http404
        return file

    def _plan(self, request, file):
        return imports.preview(file, by=request.user, on=day_of(timezone.now()))

    def _page(self, file):
        return reverse("admin:tracker_importfile_change", args=[file.pk])

    def _preview(self, request, file, plan, *, form=None, moved=()):
        is_own = file.uploaded_by_id == request.user.pk or request.user.is_superuser
        may_apply = self.has_add_permission(request) and is_own
        if may_apply:
            imports.remember(file, plan)
        shown = request.GET.get("show", ImportOutcome.WRONG.value if plan.is_wrong else "")
        rows = [row for row in plan.rows if shown in {"", row.outcome.value}]
        counts = plan.counts
        asks = plan.faults or plan.unknown_words or plan.matching.is_foreign
        context = {
            "title": file.filename,
            "file": file,
            "plan": plan,
            "kind": plan.matching.shape.kind.label,
            "not_read": plan.matching.left_out,
            "moved": moved,
            "may_apply": may_apply,
            "form": form or ChoicesForm(file=file, plan=plan, person=request.user),
            "asks": bool(asks or form),
            "todo": counts["new"] + counts["changed"],
            "shown": shown,
            "filters": [("", _("All"), len(plan.rows))]
            + [(o.value, o.label, counts[o.value]) for o in ImportOutcome],
            "page": Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("page")),
            "query": urlencode({"show": shown}),
        }
        return self._answer(request, "preview", context)

    def _answer(self, request, template, context):
        context = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, f"admin/tracker/importfile/{template}.html", context)


def _counted(counts: dict[str, int]) -> str:
    """How many rows of each outcome there were."""
    return ", ".join(
        f"{counts[outcome.value]} {outcome.label}"
        for outcome in ImportOutcome
        if counts.get(outcome.value)
    )
