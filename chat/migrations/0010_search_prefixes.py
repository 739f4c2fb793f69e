"""Beginnings of up to eight characters have an index of their own in SQLite."""

from django.db import migrations

# Without one, "load"* reads all places of all words that begin so before the first is found.
_NEW = "CREATE VIRTUAL TABLE chat_search_new USING fts5(terms, detail=none, prefix='{prefixes}')"


def _rebuild(schema_editor, prefixes):
    if schema_editor.connection.vendor != "sqlite":
        return
    schema_editor.execute(_NEW.format(prefixes=prefixes))
    schema_editor.execute("INSERT INTO chat_search_new (rowid, terms) SELECT rowid, terms FROM chat_search")
    schema_editor.execute("DROP TABLE chat_search")
    schema_editor.execute("ALTER TABLE chat_search_new RENAME TO chat_search")


def widen(_apps, schema_editor):
    _rebuild(schema_editor, "2 3 4 5 6 7 8")


def narrow(_apps, schema_editor):
    _rebuild(schema_editor, "2 3")


class Migration(migrations.Migration):
    dependencies = [("chat", "0009_notify_chosen")]

    operations = [migrations.RunPython(widen, narrow)]
