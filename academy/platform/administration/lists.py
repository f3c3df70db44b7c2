"""The lists of the admin."""

from typing import TYPE_CHECKING, Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.http import HttpRequest

if TYPE_CHECKING:
    from django.contrib.admin.views.main import ChangeList
else:
    from unfold.views import ChangeList


class DeskList(ChangeList):
    """A list that shows all its rows where it is asked for those of a year that no calendar has."""

    def get_filters(self, request: HttpRequest) -> Any:
        """The filters, and what is asked of them.

        Raises:
            IncorrectLookupParameters: no row can be as they ask.
        """
        try:
            return super().get_filters(request)
        except (OverflowError, ValueError) as error:
            raise IncorrectLookupParameters from error

    def get_results(self, request: HttpRequest) -> None:
        """Fetch the rows of the page.

        Raises:
            IncorrectLookupParameters: no row can be as is asked.
        """
        try:
            super().get_results(request)
        except OverflowError as error:
            # The beginning of the first year is before it in UTC.
            raise IncorrectLookupParameters from error
