from django.urls import path

from scheduler.jobs import api, streams

app_name = "monitoring"
urlpatterns = [
    path("tasks/", api.JobListApi.as_view(), name="list"),
    path("tasks/bulk-status/", api.JobBulkStatusApi.as_view(), name="bulk-status"),
    path("tasks/<uuid:job_id>/status/", api.JobStatusApi.as_view(), name="status"),
    path("tasks/<uuid:job_id>/stream/", streams.job_stream, name="stream"),
    path("tasks/<uuid:job_id>/cancel/", api.JobCancelApi.as_view(), name="cancel"),
    path("tasks/<uuid:job_id>/retry/", api.JobRetryApi.as_view(), name="retry"),
]
