"""A prepared query answers as the queryset does that it was built from."""

import threading

import pytest
from django.db import connection
from django.db.models import Exists, OuterRef
from django.db.transaction import TransactionManagementError, atomic, set_rollback

from accounts.models import License, User
from core.prepared import Prepared
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db


def by_email(email):
    return User.objects.filter(email=email)


def test_each_value_finds_its_own_rows():
    ada, ben = (
        UserFactory(email="ada@example.com"),
        UserFactory(email="ben@example.com"),
    )
    users = Prepared(by_email, email=str)

    assert users.rows(email="ada@example.com") == [ada]
    assert users.rows(email="ben@example.com") == [ben]
    assert users.rows(email="nobody@example.com") == []


def test_a_value_is_never_read_as_sql():
    UserFactory()

    assert Prepared(by_email, email=str).rows(email="' OR 1=1 --") == []


def test_it_is_compiled_once(monkeypatch, django_assert_num_queries):
    UserFactory(email="ada@example.com")
    built = []
    users = Prepared(lambda email: built.append(1) or by_email(email), email=str)

    with django_assert_num_queries(3):
        for _ in range(3):
            users.rows(email="ada@example.com")

    assert built == [1]


def test_rows_bring_their_relations_their_annotations_and_only_their_columns(
    django_assert_num_queries,
):
    user = UserFactory(name="Ada")
    users = Prepared(
        lambda user: (
            User.objects.filter(pk=user)
            .select_related("profession")
            .only("name", "profession__name")
            .annotate(has_license=Exists(License.objects.filter(user=OuterRef("pk"))))
        ),
        user=int,
    )

    (found,) = users.rows(user=user.pk)

    with django_assert_num_queries(0):
        assert (found.name, found.has_license) == ("Ada", False)
        assert found.profession == user.profession
    assert "email" in found.get_deferred_fields()


def test_the_order_of_the_values_does_not_matter():
    user = UserFactory(email="ada@example.com")
    users = Prepared(
        lambda user, email: User.objects.filter(email=email).exclude(pk=user),
        user=int,
        email=str,
    )

    assert users.rows(user=0, email="ada@example.com") == [user]
    assert users.rows(user=user.pk, email="ada@example.com") == []


def test_a_value_that_is_compared_with_nothing_is_a_mistake():
    users = Prepared(
        lambda user, **_: User.objects.filter(pk=user), user=int, email=str
    )

    with pytest.raises(TypeError, match="compare each"):
        users.rows(user=1, email="")


@pytest.mark.django_db(transaction=True)
def test_a_lock_needs_a_transaction_each_time():
    user = UserFactory()
    locked = Prepared(
        lambda user: User.objects.select_for_update().filter(pk=user), user=int
    )

    with atomic():
        assert locked.rows(user=user.pk) == [user]

    with pytest.raises(TransactionManagementError):
        locked.rows(user=user.pk)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_each_thread_asks_by_its_own_connection():
    user = UserFactory(email="ada@example.com")
    users = Prepared(by_email, email=str)
    users.rows(email="ada@example.com")
    found = []

    def ask():
        found.append((users.rows(email="ada@example.com"), id(connection.connection)))
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [rows for rows, _ in found] == [[user]] * 4
    assert id(connection.connection) not in {used for _, used in found}


def plans():
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        return [statement for (statement,) in cursor.fetchall()]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_each_connection_plans_it_once(django_assert_num_queries):
    user = UserFactory(email="ada@example.com")
    users = Prepared(
        lambda email: User.objects.filter(email=email).exclude(name="Ben % Ben"),
        email=str,
    )
    connection.close()

    with django_assert_num_queries(2):
        assert users.rows(email="ada@example.com") == [user]
        assert users.rows(email="nobody@example.com") == []

    (planned,) = plans()
    assert "$1" in planned
    assert "'Ben % Ben'" in planned
    connection.close()
    assert users.rows(email="ada@example.com") == [user]
    assert len(plans()) == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_nothing_is_planned_behind_a_pooler_that_shares_sessions(monkeypatch):
    monkeypatch.setitem(
        connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", value=True
    )
    user = UserFactory(email="ada@example.com")
    connection.close()

    assert Prepared(by_email, email=str).rows(email="ada@example.com") == [user]

    assert plans() == []


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_fails_takes_no_plan_with_it():
    user = UserFactory(email="ada@example.com")
    users = Prepared(by_email, email=str)
    connection.close()

    with atomic():
        users.rows(email="ada@example.com")
        set_rollback(True)

    assert users.rows(email="ada@example.com") == [user]
