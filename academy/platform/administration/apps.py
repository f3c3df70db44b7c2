"""Django's admin with the academy's site."""

from django.contrib.admin.apps import SimpleAdminConfig


class AcademyAdminConfig(SimpleAdminConfig):
    """The admin app; its site is ours.

    `academy.urls` finds the rooms' pages: workers have none, and start sooner without them.
    """

    default_site = "academy.platform.administration.site.AcademySite"
