"""Sign-ins are ended and tokens revoked."""

from collections.abc import Collection, Sequence

from accounts.actions import sign_out_everywhere
from accounts.models import AccessToken, User
from audit.log import record
from audit.models import Verb
from database.transactions import write_transaction
from moderation.actions.noting import Item, chosen_people, only_one, summary_of
from moderation.models import Act, ItemKind
from moderation.standing import check_right


def sign_out_people(actor: User, people: Collection[int], reason: str = "") -> int:
    """End every sign-in of people; return of how many. A guest, who has no password, needs a link to come back.

    It is no act that can be taken back: they sign in again. Raises as `ban_people`.
    """
    check_right(actor, "sign_out_people")
    with write_transaction():
        found = chosen_people(actor, people)
        for user in found:
            sign_out_everywhere(user)
        summary = summary_of(user.nickname for user in found)
        record(actor, Verb.SIGN_OUT, only_one(found), reason, label=summary, people=[user.pk for user in found])
    return len(found)


def revoke_tokens(people: Sequence[User], act: Act) -> list[Item]:
    """Revoke the access tokens of people by an act; return what was changed. Within its transaction."""
    tokens = AccessToken.objects.filter(user__in=[user.pk for user in people], revoked_at=None)
    ids = list(tokens.values_list("pk", flat=True))
    tokens.update(revoked_at=act.at)
    return [(ItemKind.TOKEN, pk, {}) for pk in ids]
