"""Writing people, their addresses, second factors and sign-ins: the only place that changes them."""

from academy.accounts.services.addresses import (
    address_change_ask,
    address_change_withdraw,
    address_confirm,
)
from academy.accounts.services.barring import person_activate, person_deactivate
from academy.accounts.services.confirming import person_confirm
from academy.accounts.services.counting import event_count
from academy.accounts.services.demo import demo_accounts_ensure
from academy.accounts.services.departures import operator_spare, person_anonymise
from academy.accounts.services.expiring import spent_credentials_expire
from academy.accounts.services.factors import (
    factor_codes_renew,
    factor_spend,
    factor_switch_off,
    factor_switch_on,
)
from academy.accounts.services.links import has_spent_link
from academy.accounts.services.passwords import (
    password_change,
    password_reset,
    password_reset_ask,
)
from academy.accounts.services.profiles import language_begin, profile_change, zone_begin
from academy.accounts.services.sign_ins import (
    browser_sign_in_record,
    family_revoke,
    sign_ins_end,
    ticket_issue,
    ticket_spend,
    token_pair_issue,
    token_refresh,
)
from academy.accounts.services.sign_ups import (
    confirmation_again,
    confirmation_send,
    person_sign_up,
)

__all__ = [
    "address_change_ask",
    "address_change_withdraw",
    "address_confirm",
    "browser_sign_in_record",
    "confirmation_again",
    "confirmation_send",
    "demo_accounts_ensure",
    "event_count",
    "factor_codes_renew",
    "factor_spend",
    "factor_switch_off",
    "factor_switch_on",
    "family_revoke",
    "has_spent_link",
    "language_begin",
    "operator_spare",
    "password_change",
    "password_reset",
    "password_reset_ask",
    "person_activate",
    "person_anonymise",
    "person_confirm",
    "person_deactivate",
    "person_sign_up",
    "profile_change",
    "sign_ins_end",
    "spent_credentials_expire",
    "ticket_issue",
    "ticket_spend",
    "token_pair_issue",
    "token_refresh",
    "zone_begin",
]
