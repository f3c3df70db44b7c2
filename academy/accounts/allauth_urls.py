"""Our pages under the names that allauth looks for; `accounts:...` are ours."""

from django.urls import path

from academy.accounts.views import signing_in

urlpatterns = [
    path("sign-in/", signing_in.sign_in, name="account_login"),
    path("sign-in/second-factor/", signing_in.second_factor, name="mfa_authenticate"),
]
