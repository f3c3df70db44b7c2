"""Revisions know the digest of their text and may share it; those that stand keep their hashes."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("learning", "0005_first_releases"),
    ]

    operations = [
        migrations.AddField(
            model_name="lessonrevision",
            name="text_digest",
            field=models.CharField(editable=False, max_length=64, null=True),
        ),
        migrations.AddField(
            model_name="lessonrevision",
            name="text_of",
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.RESTRICT, related_name="+", to="learning.lessonrevision"),
        ),
    ]
