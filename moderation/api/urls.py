from django.urls import path

from moderation.api.reports import ReportsView

urlpatterns = [path("reports/", ReportsView.as_view())]
