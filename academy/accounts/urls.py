"""Account pages at `/accounts/`; `api_urls` has what is mounted at `/api/`."""

from django.urls import path

from academy.accounts.views import factors, languages, passwords, profile, signing_in, signing_up

app_name = "accounts"
urlpatterns = [
    path("sign-in/", signing_in.sign_in, name="sign-in"),
    path("sign-in/second-factor/", signing_in.second_factor, name="second-factor"),
    path("sign-out/", signing_in.sign_out, name="sign-out"),
    path("sign-up/", signing_up.sign_up, name="sign-up"),
    path("sign-up/sent/", signing_up.sign_up_sent, name="sign-up-sent"),
    path("confirm/", signing_up.confirm, name="confirm"),
    path("reset/", passwords.reset, name="reset"),
    path("reset/sent/", passwords.reset_sent, name="reset-sent"),
    path("new-password/", passwords.new_password, name="new-password"),
    path("me/", profile.me, name="me"),
    path("me/address/", profile.address, name="address"),
    path("me/address/withdraw/", profile.address_withdraw, name="address-withdraw"),
    path("me/password/", profile.password, name="password"),
    path("me/second-factor/on/", factors.switch_on, name="factor-on"),
    path("me/second-factor/off/", factors.switch_off, name="factor-off"),
    path("me/second-factor/codes/", factors.codes, name="factor-codes"),
    path("me/sign-ins/end/", profile.sign_in_end, name="sign-in-end"),
    path("me/delete/", profile.leave, name="leave"),
    path("left/", profile.left, name="left"),
    path("language/", languages.language, name="language"),
]
