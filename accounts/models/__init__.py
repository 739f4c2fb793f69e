"""Who someone is."""

from accounts.models.admission import Admission, SignUp
from accounts.models.credentials import AccessToken, OneTimeLink, Session, SocketTicket
from accounts.models.user import User

__all__ = ["AccessToken", "Admission", "OneTimeLink", "Session", "SignUp", "SocketTicket", "User"]
