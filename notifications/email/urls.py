from django.urls import path

from notifications.email import views

app_name = "mailbox"
urlpatterns = [
    path("", views.mailbox, name="mailbox"),
    path("<uuid:mail_id>/", views.mail, name="mail"),
]
