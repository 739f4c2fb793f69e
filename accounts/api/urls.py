from django.urls import path

from accounts.api import account, arrivals, sign_ins

urlpatterns = [
    path("site/", arrivals.SiteView.as_view()),
    path("guests/", arrivals.GuestsView.as_view()),
    path("accounts/", arrivals.AccountsView.as_view()),
    path("tokens/", arrivals.TokensView.as_view()),
    path("tokens/current/", arrivals.CurrentTokenView.as_view()),
    path("me/", account.MeView.as_view()),
    path("me/picture/", account.PictureView.as_view()),
    path("me/sessions/", sign_ins.SessionsView.as_view()),
    path("me/sessions/<str:session>/", sign_ins.SessionView.as_view()),
    path("me/tokens/", sign_ins.AccessTokensView.as_view()),
    path("me/tokens/<number:token_id>/", sign_ins.AccessTokenView.as_view()),
    path("users/<number:user_id>/password-links/", sign_ins.PasswordLinksView.as_view()),
    path("socket-tickets/", account.SocketTicketsView.as_view()),
]
