"""The Celery application: `celery -A academy worker` takes every lane."""

import os
import warnings
from typing import Any, Final

from celery import Celery
from celery.exceptions import CPendingDeprecationWarning
from celery.signals import worker_process_init
from kombu import Queue

from academy.supervisor.lineage import die_with_parent

# Thirteen lines at every lost connection, about a setting that we set.
warnings.filterwarnings("ignore", category=CPendingDeprecationWarning, module="celery.worker")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "academy.settings")
# The checks import every page and the admin: 0.4 s and 20 MB in each of four processes that show
# none. `make test` runs them.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")

# In the order in which a worker that takes several looks for work.
LANES: Final = ("interactive", "default", "bulk", "maintenance", "io")

app = Celery("academy")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.task_queues = tuple(Queue(lane) for lane in LANES)
app.conf.task_default_queue = "default"


@worker_process_init.connect
def _end_with_the_worker(**_: Any) -> None:
    """A pool process whose worker was killed would otherwise stay behind with its job."""
    die_with_parent()
