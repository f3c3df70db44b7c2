"""`/api/auth/`; `me_urls` has what is mounted at `/api/me/`."""

from django.urls import path

from academy.accounts.api import tokens

app_name = "auth-api"
urlpatterns = [
    path("token/", tokens.TokenView.as_view(), name="token"),
    path("refresh/", tokens.RefreshView.as_view(), name="refresh"),
    path("revoke/", tokens.RevokeView.as_view(), name="revoke"),
    path("ws-ticket/", tokens.TicketView.as_view(), name="ws-ticket"),
]
