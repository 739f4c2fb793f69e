from django.urls import path

from moderation.api.held import HeldView
from moderation.api.reports import ReportsView

urlpatterns = [path("reports/", ReportsView.as_view()), path("held/", HeldView.as_view())]
