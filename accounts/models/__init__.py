"""Who someone is."""

from accounts.models.credentials import AccessToken, OneTimeLink, Session, SocketTicket
from accounts.models.user import User

__all__ = ["AccessToken", "OneTimeLink", "Session", "SocketTicket", "User"]
