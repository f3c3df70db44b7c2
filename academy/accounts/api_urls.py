"""`/api/auth/`."""

from django.urls import path

from academy.accounts import api

app_name = "auth-api"
urlpatterns = [
    path("token/", api.TokenView.as_view(), name="token"),
    path("refresh/", api.RefreshView.as_view(), name="refresh"),
    path("revoke/", api.RevokeView.as_view(), name="revoke"),
    path("ws-ticket/", api.TicketView.as_view(), name="ws-ticket"),
]
