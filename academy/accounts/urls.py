"""Sign-in pages at `/accounts/`; `api_urls` has what is mounted at `/api/auth/`."""

from django.urls import path

from academy.accounts import views

app_name = "accounts"
urlpatterns = [
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-out/", views.sign_out, name="sign-out"),
]
