"""Passwords."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class SmallBoxArgon2(Argon2PasswordHasher):
    """Argon2id as OWASP's Password Storage Cheat Sheet puts it: 19 MiB, 2 passes, 1 lane.

    Django's default takes 100 MiB and 8 threads for each sign-in, so that twenty at once would
    use up a box of 2 GB.
    """

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1
