"""An index, by itself: while it is built nobody writes, and everybody reads."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('chat', '0010_search_prefixes'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=models.Q(('deleted_at__isnull', False)), fields=['room', 'seq'], name='deleted_messages'),
        ),
    ]
