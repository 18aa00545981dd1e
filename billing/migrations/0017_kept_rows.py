"""What Stripe told us is kept for ever: PostgreSQL refuses to delete a row of it."""

from django.db import migrations

KEPT = ("customer", "subscription", "invoice", "refund", "dispute", "stripeevent")
REFUSE = """
CREATE OR REPLACE FUNCTION billing_keep_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Rows of % are never deleted.', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$
"""


def refuse_deletion(_apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    schema_editor.execute(
        REFUSE, params=None
    )  # its percent sign is no place of a value
    for name in KEPT:
        schema_editor.execute(
            f"CREATE TRIGGER billing_keep_row BEFORE DELETE ON billing_{name} "
            "FOR EACH ROW EXECUTE FUNCTION billing_keep_row()"
        )


def allow_deletion(_apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    for name in KEPT:
        schema_editor.execute(f"DROP TRIGGER billing_keep_row ON billing_{name}")
    schema_editor.execute("DROP FUNCTION billing_keep_row()")


class Migration(migrations.Migration):
    dependencies = [("billing", "0016_grants_and_movements")]

    operations = [migrations.RunPython(refuse_deletion, allow_deletion)]
