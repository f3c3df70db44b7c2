"""Words are found whatever their case, and nothing else is."""

import pytest
from django.contrib.contenttypes.models import ContentType

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("text", "word", "is_found"),
    [
        *(("ÜBUNG macht", "übung", True), ("übung", "ÜBUNG MACHT", False)),
        *(("Мир Юникода", "юникода", True), ("Мир Юникода", "ЮНИКОД", True)),
        *(("50%_Ünits\\", "50%_ü", True), ("50xxÜnits", "50%_ü", False)),
        *(("a\\Ü", "\\ü", True), ("aÜ", "\\ü", False)),
        *(("シェル入門 🐚", "入門 🐚", True), ("シェル", "シエル", False)),
        *(("مقدمة في الصدفة", "الصدفة", True), ("Ἀθηνᾶ", "ἀΘηνᾶ", True)),
        *(("Straße", "STRAßE", True), ("Übrung", "übung", False)),
    ],
)
def test_a_word_is_found_whatever_its_case_and_nothing_is_a_pattern(text, word, is_found):
    ContentType.objects.create(app_label="words", model=text)
    rows = ContentType.objects.filter(model__holds=word)
    assert rows.filter(app_label="words").exists() is is_found
    assert not rows.filter(app_label="others").exists()
