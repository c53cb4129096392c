"""Every controlled word of the record: its code, its label, what it means, on whose authority.

Codes are stored, exported and never change. Labels are shown, in the reader's language.
The words and the statuses are those of the field: the Chinese and English pairs follow the
project's design (section 2); rating on outcome and the verdict *not verifiable* follow the
practice of PolitiFact's and Full Fact's pledge trackers.
"""

from typing import Self

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Language(TextChoices):
    """The two languages of the record. Each has a column of its own for each text."""

    EN = "en", "English"
    ZH_HANS = "zh-hans", "简体中文"

    @property
    def suffix(self) -> str:
        """The end of a column's name: `title_en`, `title_zh`."""
        return "zh" if self is Language.ZH_HANS else "en"

    @property
    def other(self) -> "Language":
        return Language.EN if self is Language.ZH_HANS else Language.ZH_HANS

    @classmethod
    def of(cls, code: str | None) -> "Language":
        """The language of the record that serves a reader whose interface is in `code`."""
        return cls.ZH_HANS if (code or "").lower().startswith("zh") else cls.EN


class Status(TextChoices):
    """Where a pledge stands, in the order in which pages show it."""

    NOT_RATED = "not_rated", _("Not yet rated")
    NOT_STARTED = "not_started", _("Not started")
    IN_PROGRESS = "in_progress", _("In progress")
    STALLED = "stalled", _("Stalled")
    PARTLY_KEPT = "partly_kept", _("Partly kept")
    KEPT = "kept", _("Kept")
    NOT_KEPT = "not_kept", _("Not kept")
    SUPERSEDED = "superseded", _("Superseded")
    NOT_VERIFIABLE = "not_verifiable", _("Not verifiable")

    @classmethod
    def final(cls) -> frozenset[Self]:
        """The statuses that end a pledge's record, until a correction says otherwise."""
        return frozenset({cls.KEPT, cls.PARTLY_KEPT, cls.NOT_KEPT, cls.SUPERSEDED})

    @property
    def is_final(self) -> bool:
        return self in Status.final()

    @property
    def definition(self):
        """One sentence that says when the status is given."""
        return STATUS_DEFINITIONS[self]

    @property
    def tone(self) -> str:
        """The name of the colour and shape that show it; see static/tracker.css."""
        return self.value.replace("_", "-")


STATUS_DEFINITIONS = {
    Status.NOT_RATED: _("No published entry rates it: evidence is missing or does not suffice."),
    Status.NOT_STARTED: _("Evidence shows that the work has not begun."),
    Status.IN_PROGRESS: _(
        "Evidence shows activity towards it; the thing pledged is not there yet."
    ),
    Status.STALLED: _("Evidence shows that work began and has stopped."),
    Status.PARTLY_KEPT: _("Evidence shows that a part of the thing pledged exists."),
    Status.KEPT: _("Evidence shows that the thing pledged exists."),
    Status.NOT_KEPT: _("Evidence shows that it was given up, or that its date passed without it."),
    Status.SUPERSEDED: _("Its maker replaced it with another pledge."),
    Status.NOT_VERIFIABLE: _("Its wording sets nothing that evidence could show or refute."),
}


class UpdateState(TextChoices):
    """The steps of an update: draft, submitted, then published or returned with a reason."""

    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Submitted for review")
    RETURNED = "returned", _("Returned")
    PUBLISHED = "published", pgettext_lazy("state of an update", "Published")


class Refusal(TextChoices):
    """Why a step of an update or a period is refused: what is wrong and what mends it."""

    EFFECTIVE_AFTER_PUBLICATION = (
        "effective_after_publication",
        _("It would take effect after the day it is published. Choose a day that has come."),
    )
    EFFECTIVE_BEFORE_ANNOUNCEMENT = (
        "effective_before_announcement",
        _("It would take effect before the pledge was announced. Choose a later day."),
    )
    NO_NARRATIVE = "no_narrative", _("It has no narrative. Write one, in one language at least.")
    NO_EVIDENCE = (
        "no_evidence",
        _("A status other than “not yet rated” needs evidence. Add at least one piece."),
    )
    FOREIGN_MILESTONE = (
        "foreign_milestone",
        _("It changes a milestone of another pledge. Take that milestone out."),
    )
    DONE_AFTER_EFFECT = (
        "done_after_effect",
        _("It marks a milestone as done on a day after it takes effect. Mend one of the days."),
    )
    PLEDGE_NOT_PUBLIC = (
        "pledge_not_public",
        _("Its pledge is not public yet. Publish the pledge first."),
    )
    REVIEWER_IS_AUTHOR = (
        "reviewer_is_author",
        _("A final status needs a reviewer who did not write it. Ask a colleague to publish it."),
    )
    CORRECTS_UNPUBLISHED = (
        "corrects_unpublished",
        _("What it corrects is not published. Edit that update instead."),
    )
    CORRECTS_OTHER_PLEDGE = (
        "corrects_other_pledge",
        _("It corrects an update of another pledge. Start from an update of this one."),
    )
    ALREADY_CORRECTED = (
        "already_corrected",
        _("What it corrects has been corrected already. Correct that correction instead."),
    )
    NOT_EDITABLE = (
        "not_editable",
        _("It is no longer a draft: it was submitted or published meanwhile. Reload it."),
    )
    NOT_AWAITING_REVIEW = (
        "not_awaiting_review",
        _("It is not waiting for review: someone published, returned or withdrew it. Reload it."),
    )
    CHANGED_MEANWHILE = (
        "changed_meanwhile",
        _("It was changed since you opened it. Look at it again before you go on."),
    )
    NOT_PUBLISHED = (
        "not_published",
        _("Only a published update can be corrected. Edit this one instead."),
    )
    PERIOD_CLOSED = (
        "period_closed",
        _("This reporting period is closed: what it holds never changes."),
    )
    PERIOD_NOT_OVER = (
        "period_not_over",
        _("This reporting period is not over yet. Close it after its last day."),
    )
    PERIOD_INCOMPLETE = (
        "period_incomplete",
        _("Entries are missing. Say that it is to be closed all the same, or wait for them."),
    )
    NOT_IN_PERIOD = (
        "not_in_period",
        _("This reporting period does not ask about that pledge. Choose another pledge."),
    )
    NO_RETURN_REASON = (
        "no_return_reason",
        _("Say why it is returned, so that its author can mend it."),
    )
    NO_CORRECTION_REASON = (
        "no_correction_reason",
        _("A correction needs a reason that readers will see. Give it, in one language at least."),
    )
    SAYS_NOTHING = "says_nothing", _("It says nothing. Write it, in one language at least.")
    SAYS_TOO_MUCH = "says_too_much", _("It is too long. Shorten it, or write it in parts.")
    REPLIES_TO_UNPUBLISHED = (
        "replies_to_unpublished",
        _("It answers an update that is not published. Wait until that one is."),
    )
    REPLIES_TO_NOT_FINAL = (
        "replies_to_not_final",
        _("It answers a status that is not final. Answer such a status by an update."),
    )
    REPLIES_TO_CORRECTED = (
        "replies_to_corrected",
        _("What it answers has been corrected. Answer the correction instead."),
    )
    REPLIES_WITHOUT_LEAD = (
        "replies_without_lead",
        _("This body does not lead the pledge. Choose one that leads it."),
    )
    REPLY_IS_PUBLISHED = (
        "reply_is_published",
        _("It is published already and stays as it is. Write another reply."),
    )


class ReminderKind(TextChoices):
    """What staff are reminded of."""

    DUE = "due", _("Due soon")
    LATE = "late", _("Late")
    STALE = "stale", _("Stale")
    REVIEW = "review", _("Waiting for review")


class ImportKind(TextChoices):
    """What the rows of a file that staff bring in are."""

    PLEDGES = "pledges", _("Pledges")
    MILESTONES = "milestones", _("Milestones")
    UPDATES = "updates", _("Updates")


class ImportOutcome(TextChoices):
    """What an import would do with one row of a file."""

    WRONG = "wrong", pgettext_lazy("row of an import", "wrong")
    NEW = "new", pgettext_lazy("row of an import", "new")
    CHANGED = "changed", pgettext_lazy("row of an import", "changed")
    UNCHANGED = "unchanged", pgettext_lazy("row of an import", "unchanged")


class DateOrder(TextChoices):
    """How a file writes days such as 03/04/2025, where whoever brings it in says so."""

    DAY_FIRST = "dmy", _("day first: 31/12/2025")
    MONTH_FIRST = "mdy", _("month first: 12/31/2025")


class FileFault(TextChoices):
    """Why a file cannot be read as a table, and what mends it."""

    TOO_LARGE = (
        "too_large",
        _("The file is larger than %(limit)s MiB. Split it and bring the parts in one by one."),
    )
    TOO_MANY_ROWS = (
        "too_many_rows",
        _("The file has more than %(limit)s rows. Split it and bring the parts in one by one."),
    )
    TOO_LARGE_UNPACKED = (
        "too_large_unpacked",
        _("Unpacked, the workbook is larger than %(limit)s MiB. Save the one sheet as CSV."),
    )
    EMPTY = ("empty", _("The file is empty. Choose one with a header and a row at least."))
    NO_ROWS = ("no_rows", _("The file has a header and no rows below it. Choose another."))
    NO_HEADER = (
        "no_header",
        _("No row names the columns. Put a row above the others that does, two cells at least."),
    )
    OLD_WORKBOOK = (
        "old_workbook",
        _("This is an old Excel workbook (.xls), or one with a password. Save it as .xlsx or CSV."),
    )
    NOT_A_WORKBOOK = (
        "not_a_workbook",
        _("This is no Excel workbook that can be read: %(why)s. Save it as .xlsx or CSV anew."),
    )
    NOT_A_TABLE = (
        "not_a_table",
        _("This is neither CSV nor an Excel workbook (.xlsx). Save the table as one of these."),
    )
    WHOLE_RECORD = (
        "whole_record",
        _("This is a copy of a whole record. Bring it into an empty site with import_record."),
    )
    UNKNOWN_ENCODING = (
        "unknown_encoding",
        _("The file’s letters cannot be read. Save it as “CSV UTF-8”."),
    )
    UNCLOSED_QUOTE = (
        "unclosed_quote",
        _(
            "Row %(row)s: a quotation mark is out of place or never closed (%(why)s). "
            "Mend it, or save the file as .xlsx."
        ),
    )


class CellFault(TextChoices):
    """Why a row or a cell of a file cannot be taken, and what mends it."""

    NO_DATE = ("no_date", _("'%(value)s' is no date; use YYYY-MM-DD"))
    AMBIGUOUS_DATE = (
        "ambiguous_date",
        _(
            "'%(value)s' does not say which number is the day and which the month; use YYYY-MM-DD, "
            "or say how the file writes days"
        ),
    )
    WHOLE_DAY = ("whole_day", _("'%(value)s' names no single day; use YYYY-MM-DD"))
    NO_PERCENTAGE = (
        "no_percentage",
        _("'%(value)s' is no whole percentage; use a number from 0 to 100"),
    )
    NO_NUMBER = ("no_number", _("'%(value)s' is no whole number; use digits only"))
    NO_IDENTIFIER = (
        "no_identifier",
        _("'%(value)s' is no identifier; leave it empty for a new row"),
    )
    UNKNOWN_WORD = ("unknown_word", _("'%(value)s' is not known; use one of: %(allowed)s"))
    TOO_MANY_CELLS = (
        "too_many_cells",
        _(
            "it has %(found)s cells, the header %(wanted)s; put quotation marks around a cell that "
            "holds the separator or a line break"
        ),
    )
    TOO_FEW_CELLS = (
        "too_few_cells",
        _(
            "it has %(found)s cells, the header %(wanted)s; put quotation marks around a cell that "
            "holds a line break, and fill up with empty cells"
        ),
    )
    NUL = ("nul", _("it holds a NUL character; take it out"))
    FORMULA = (
        "formula",
        _("cell %(cell)s holds a formula without a value; save the file anew, or type the value"),
    )
    CELL_ERROR = ("cell_error", _("cell %(cell)s holds the error %(value)s; type the value"))


class FeedbackKind(TextChoices):
    """What a reader writes about a pledge."""

    PROBLEM = "problem", _("A problem with this page")
    EVIDENCE = "evidence", _("Evidence that should be considered")


class MilestoneState(TextChoices):
    """What an update says of a milestone from its day of effect on."""

    OPEN = "open", _("Open")
    DONE = "done", _("Done")
    DROPPED = "dropped", _("Dropped")


class DatePrecision(TextChoices):
    """How exactly a due date is stated. A month or a year ends on its last day."""

    DAY = "day", _("a day")
    MONTH = "month", _("a month")
    YEAR = "year", _("a year")
    NONE = "none", _("no date stated")


class Role(TextChoices):
    """What a body does for a pledge."""

    LEAD = "lead", _("Leads")
    SUPPORT = "support", _("Supports")


class NotPledgeReason(TextChoices):
    """Why a passage of a source is no pledge."""

    HEADING = "heading", _("Heading or dateline")
    EVENT = "event", _("Describes the event")
    PAST_RESULT = "past_result", _("Reports a past result")
    AIM = "aim", _("Umbrella aim")
    PURPOSE = "purpose", _("Purpose or hope, with nothing of its own to check")
    CONNECTIVE = "connective", _("Words that introduce or join pledges")


class EvidenceKind(TextChoices):
    """What sort of document a piece of evidence is."""

    LAW = "law", _("Law, rule or policy document")
    OFFICIAL = "official", _("Official page or statement")
    NEWS = "news", _("News report")
    REPRINT = "reprint", _("Reprint of a report")
    TRADE = "trade", _("Trade press or professional analysis")
    STATISTICS = "statistics", _("Statistics")
    OTHER = "other", _("Other")


class Flag(TextChoices):
    """What is computed about a pledge on a day. Never a status."""

    LATE = "late", _("Late")
    STALE = "stale", _("Stale")
    NO_EVIDENCE = "no_evidence", _("No evidence")

    @property
    def definition(self):
        return FLAG_DEFINITIONS[self]


FLAG_DEFINITIONS = {
    Flag.LATE: _("Its due date has passed and its status is not final."),
    Flag.STALE: _("Nothing has been recorded for longer than the set number of days."),
    Flag.NO_EVIDENCE: _("The entry that its status rests on cites no evidence, or there is none."),
}


class StaffRole(TextChoices):
    """The groups that staff belong to. What each may do: `rules.permissions`."""

    EDITOR = "editor", _("Editor")
    REVIEWER = "reviewer", _("Reviewer")
    MANAGER = "manager", _("Manager")


class AuditKind(TextChoices):
    """What is done at the desk, at its door or by a command, as the audit log calls it."""

    SIGNED_IN = "signed_in", _("Signed in with the password")
    REFUSED_SIGN_IN = "refused_sign_in", _("Sign-in refused")
    LOCKED_OUT = "locked_out", _("Made to wait after too many tries")
    VERIFIED = "verified", _("Second step passed")
    REFUSED_SECOND = "refused_second", _("Second step refused")
    PROVED = "proved", _("Proved again who it is")
    REFUSED_PROOF = "refused_proof", _("Renewed proof refused")
    SIGNED_OUT = "signed_out", _("Signed out")
    SESSIONS_ENDED = "sessions_ended", _("Sessions ended")
    FACTOR_ADDED = "factor_added", _("Second factor added")
    FACTOR_REMOVED = "factor_removed", _("Second factor taken away")
    CODES_MADE = "codes_made", _("Recovery codes made")
    PASSWORD_CHANGED = "password_changed", _("Password changed")
    ADDED = "added", _("Added")
    CHANGED = "changed", _("Changed")
    DELETED = "deleted", _("Deleted")
    SENT = "sent", _("Form sent")
    FORBIDDEN = "forbidden", _("Refused: not allowed")
    FORGED = "forged", _("Refused: the form was not ours")
    COMMAND = "command", _("Command")
