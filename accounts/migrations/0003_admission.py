from django.db import migrations


def make_row(apps, _schema_editor):
    apps.get_model("accounts", "Admission").objects.get_or_create(pk=1)


class Migration(migrations.Migration):
    """The row that says who may come in."""

    dependencies = [("accounts", "0002_people_and_rooms")]

    operations = [migrations.RunPython(make_row, migrations.RunPython.noop)]
