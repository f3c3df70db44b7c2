"""Renditions and shown figures belong to revisions; the old ones are derived and made anew."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("learning", "0003_enrolment_lists"),
    ]

    operations = [
        migrations.DeleteModel(name="LessonFigure"),
        migrations.DeleteModel(name="LessonRendition"),
        migrations.AddField(
            model_name="lesson",
            name="draft_revision",
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="draft_of", to="learning.lessonrevision", verbose_name="the draft's content"),
        ),
        migrations.CreateModel(
            name="LessonRendition",
            fields=[
                ("revision", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name="rendition", serialize=False, to="learning.lessonrevision")),
                ("renderer_version", models.PositiveIntegerField()),
                ("body_html", models.TextField(blank=True)),
                ("preview_html", models.TextField(blank=True)),
                ("outline", models.JSONField(default=list)),
                ("preview_outline", models.JSONField(default=list)),
                ("word_count", models.PositiveIntegerField(default=0)),
                ("minutes", models.PositiveIntegerField(default=0)),
                ("problem_code", models.CharField(blank=True, max_length=40)),
                ("problem", models.CharField(blank=True, max_length=500)),
                ("made_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "verbose_name": "rendition of a lesson",
                "verbose_name_plural": "renditions of lessons",
            },
        ),
        migrations.CreateModel(
            name="LessonFigure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200)),
                ("digest", models.CharField(db_index=True, max_length=64)),
                ("content_type", models.CharField(max_length=40)),
                ("in_preview", models.BooleanField(default=False)),
                ("revision", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="shown_figures", to="learning.lessonrevision")),
            ],
            options={
                "verbose_name": "figure of a lesson",
                "verbose_name_plural": "figures of lessons",
                "constraints": [models.UniqueConstraint(fields=("revision", "name"), name="figure_once_per_revision")],
            },
        ),
    ]
