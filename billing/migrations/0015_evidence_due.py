from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0014_customer_balance"),
    ]

    operations = [
        migrations.AddField(
            model_name="dispute",
            name="evidence_due_at",
            field=models.DateTimeField(
                help_text="Until then the bank takes our answer.", null=True
            ),
        ),
    ]
