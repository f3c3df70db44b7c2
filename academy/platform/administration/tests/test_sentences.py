from importlib import import_module

import pytest
from django.apps import apps
from django.utils import translation
from django.utils.translation import gettext

from academy.platform.administration.sentences import THEME_SENTENCES

MODELS = (
    "accounts.SocketTicket",
    "accounts.CountedEvent",
    "scheduler.IdempotencyKey",
    "exports.FigurePicture",
    "mfa.Authenticator",
)

import_module("academy.urls")


@pytest.mark.parametrize("tag", ["de", "ar"])
@pytest.mark.parametrize("sentence", THEME_SENTENCES)
def test_what_the_theme_says_is_translated(tag, sentence):
    with translation.override(tag):
        told = gettext(sentence)
    assert told != sentence or (tag, sentence) == ("de", "System")


@pytest.mark.parametrize("tag", ["de", "ar"])
@pytest.mark.parametrize("label", MODELS)
def test_rows_have_names_of_the_language(tag, label):
    options = apps.get_model(label)._meta
    english = str(options.verbose_name_plural)
    with translation.override(tag):
        assert str(options.verbose_name_plural) != english


def test_the_second_factors_app_is_no_ministry():
    with translation.override("ar"):
        assert "وزارة" not in str(apps.get_app_config("mfa").verbose_name)
        assert str(apps.get_app_config("mfa").verbose_name) != "Second factors"
