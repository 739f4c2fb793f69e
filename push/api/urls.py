from django.urls import path

from push.api import views

urlpatterns = [
    path("push/key/", views.KeyView.as_view()),
    path("push/subscriptions/", views.SubscriptionsView.as_view()),
    path("push/subscriptions/<number:subscription_id>/", views.SubscriptionView.as_view()),
    path("notifications/", views.NotificationsView.as_view()),
    path("messages/<number:message_id>/told/", views.ToldView.as_view()),
]
