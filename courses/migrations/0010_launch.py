from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("courses", "0009_video_streams")]

    operations = [
        migrations.AddField(
            model_name="course",
            name="hours_reason",
            field=models.TextField(
                blank=True,
                help_text="Why the course is worth more CE hours than its lessons add "
                "up to: practice that is handed in, for example. Only the staff reads "
                "it.",
                verbose_name="reason for the hours",
            ),
        ),
        migrations.AddField(
            model_name="course",
            name="references",
            field=models.TextField(
                blank=True,
                help_text="One a line, such as a book or an article with its DOI.",
            ),
        ),
    ]
