from django.db import migrations


def make_lobby(apps, _schema_editor):
    apps.get_model("chat", "Site").objects.get_or_create(pk=1)
    apps.get_model("chat", "Room").objects.get_or_create(name="Lobby", kind="public", is_default=True)


class Migration(migrations.Migration):
    """The row that says which history this is, and the room that everyone is in."""

    dependencies = [("chat", "0001_initial")]

    operations = [migrations.RunPython(make_lobby, migrations.RunPython.noop)]
