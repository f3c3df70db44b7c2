"""Django's admin with the academy's site."""

from django.contrib.admin.apps import AdminConfig


class AcademyAdminConfig(AdminConfig):
    """The admin app; its site is ours."""

    default_site = "academy.platform.administration.site.AcademySite"
