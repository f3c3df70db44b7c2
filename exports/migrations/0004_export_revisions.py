"""Documents belong to revisions; those that stand are derived and made anew on demand."""

import django.db.models.deletion
from django.db import migrations, models


def forget_all(apps, schema_editor):
    apps.get_model("exports", "LessonExport").objects.all().delete()


class Migration(migrations.Migration):

    dependencies = [
        ("exports", "0003_person_portraits"),
        ("learning", "0005_first_releases"),
    ]

    operations = [
        migrations.RunPython(forget_all, migrations.RunPython.noop),
        migrations.RemoveConstraint(
            model_name="lessonexport",
            name="one_current_export_per_format",
        ),
        migrations.AddField(
            model_name="lessonexport",
            name="is_draft",
            field=models.BooleanField(default=False, verbose_name="draft"),
        ),
        migrations.AddField(
            model_name="lessonexport",
            name="revision",
            field=models.ForeignKey(default=0, on_delete=django.db.models.deletion.CASCADE, related_name="exports", to="learning.lessonrevision", verbose_name="revision"),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name="lessonexport",
            constraint=models.UniqueConstraint(condition=models.Q(("replaced_at", None)), fields=("lesson", "format", "is_draft"), name="one_current_export_per_format"),
        ),
    ]
