from django.urls import path

from accounts.api import views

urlpatterns = [
    path("guests/", views.GuestsView.as_view()),
    path("tokens/", views.TokensView.as_view()),
    path("tokens/current/", views.CurrentTokenView.as_view()),
    path("me/", views.MeView.as_view()),
    path("socket-tickets/", views.SocketTicketsView.as_view()),
]
