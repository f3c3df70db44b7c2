import pytest

from academy.platform.http.addresses import client_address


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("unix:", ""),
    ],
)
def test_an_address_counts_as_one_household(address, shown):
    assert client_address({"REMOTE_ADDR": address}) == shown


def test_a_forwarded_address_is_believed_only_behind_our_proxy(settings):
    meta = {"REMOTE_ADDR": "192.0.2.1", "HTTP_X_FORWARDED_FOR": "203.0.113.9, 198.51.100.4"}
    settings.BEHIND_PROXY = False
    assert client_address(meta) == "192.0.2.1"
    settings.BEHIND_PROXY = True
    assert client_address(meta) == "198.51.100.4"
    assert client_address({"REMOTE_ADDR": "192.0.2.1"}) == "192.0.2.1"
