"""What a reader sees of a text that is kept in two languages."""

from dataclasses import dataclass

from tracker.vocabulary import Language


@dataclass(frozen=True)
class Wording:
    """A text as one reader gets it: in `language`, which is not the reader's if `is_fallback`."""

    text: str
    language: Language
    is_fallback: bool = False

    def __str__(self) -> str:
        return self.text

    def __bool__(self) -> bool:
        return bool(self.text)


def wording(texts: dict[Language, str], language: Language) -> Wording:
    """The text in `language`; where it is missing, the other one, marked as a fallback.

    `texts` holds both languages, an empty string for a missing one. With neither there is nothing
    to show and nothing to say: an empty wording, which is no fallback.
    """
    if texts[language].strip() or not texts[language.other].strip():
        return Wording(texts[language], language)
    return Wording(texts[language.other], language.other, is_fallback=True)
