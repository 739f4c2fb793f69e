from django.urls import path

from accounts.api import sign_ins, views

urlpatterns = [
    path("site/", views.SiteView.as_view()),
    path("guests/", views.GuestsView.as_view()),
    path("accounts/", views.AccountsView.as_view()),
    path("tokens/", views.TokensView.as_view()),
    path("tokens/current/", views.CurrentTokenView.as_view()),
    path("me/", views.MeView.as_view()),
    path("me/picture/", views.PictureView.as_view()),
    path("me/sessions/", sign_ins.SessionsView.as_view()),
    path("me/sessions/<str:session>/", sign_ins.SessionView.as_view()),
    path("me/tokens/", sign_ins.AccessTokensView.as_view()),
    path("me/tokens/<number:token_id>/", sign_ins.AccessTokenView.as_view()),
    path("users/<number:user_id>/password-links/", sign_ins.PasswordLinksView.as_view()),
    path("socket-tickets/", views.SocketTicketsView.as_view()),
]
