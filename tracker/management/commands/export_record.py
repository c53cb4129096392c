from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from tracker.reports import copies


class Command(BaseCommand):
    help = "Writes all of the public record to one file, from which another site makes the same."

    def add_arguments(self, parser):
        parser.add_argument("--output", type=Path, required=True, help="a .zip file to write")

    def handle(self, *, output, **options):
        unfinished = output.with_name(f"{output.name}.part")
        try:
            with unfinished.open("w+b") as file:
                copies.write(file)
            unfinished.replace(output)
        except OSError as error:
            raise CommandError(f"{output}: {error.strerror}. Name a file to write.") from None
        except copies.Unfit as error:
            raise CommandError(f"Nothing was written: {error}") from None
        finally:
            unfinished.unlink(missing_ok=True)
        self.stdout.write(f"{output}: {output.stat().st_size} bytes.")
