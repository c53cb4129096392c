import pytest
from django.core.management import CommandError, call_command

from tests.conftest import FIXTURES
from tracker.models import Pledge, User

pytestmark = pytest.mark.django_db


def test_the_record_is_loaded_and_the_command_says_what_was_new(capsys):
    call_command("load_record", FIXTURES / "lingang")
    said = capsys.readouterr().out
    assert said.startswith(f"{FIXTURES / 'lingang'}: 1 Programme, 3 Pillar")
    assert "25 Pledge" in said
    assert Pledge.objects.published().count() == 25
    call_command("load_record", FIXTURES / "lingang")
    assert capsys.readouterr().out == f"{FIXTURES / 'lingang'}: nothing new.\n"


def test_a_bad_folder_is_an_error_in_one_line(tmp_path):
    with pytest.raises(CommandError) as error:
        call_command("load_record", tmp_path)
    assert str(error.value).startswith(f"{tmp_path / 'programme.json'} cannot be read")
    assert "\n" not in str(error.value)
    assert not User.objects.exists()
