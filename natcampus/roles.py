"""Groups of the staff, each with the least that its work needs."""

from django.contrib.auth.models import Group, Permission

CONTENT = {
    "articles": "article block anatomyrow technique guide topic",
    "courses": (
        "course module lesson lessonfile objective quiz question choice "
        "instructor region disclaimer"
    ),
    "flatpages": "flatpage",
}
CREDIT = "creditbody accreditation accreditedversion"
PEOPLE = {
    "accounts": "user license profession jurisdiction",
    "billing": (
        "customer subscription checkoutattempt stripeevent accessgrant plan price "
        "invoice refund dispute accesshold renewalconsent outboxentry reconcilerun "
        "pricechange pricechangenotice"
    ),
    "certification": "certificate",
    # The courses too: what a person studies and pays links to them.
    "courses": (
        "enrollment lessonprogress quizattempt quizanswer course module lesson quiz region "
        "courseversion extraattempts earlyrelease staffcompletion attestation "
        "accommodation practiceanswer review courseemail emaildelivery"
    ),
    "mail": "outgoingemail emailpreference suppression",
    "articles": "guiderequest",
}
MONEY = {
    "billing": (
        "plan price customer subscription checkoutattempt stripeevent "
        "invoice refund dispute accesshold renewalconsent outboxentry reconcilerun "
        "pricechange pricechangenotice"
    )
}


def sync_roles() -> dict[str, Group]:
    """Create the groups Editor, Support and Finance, or bring them up to date."""
    rules = {
        "Editor": [
            *_permissions(CONTENT, "view", "add", "change", "delete"),
            *_permissions({"billing": "plan"}, "preview"),
            *_permissions({"courses": CREDIT}, "view", "add", "change"),
            *_permissions({"courses": "lessonquestion courseemail"}, "view", "change"),
            *_permissions(
                {"courses": "courseversion evaluation review videostream"}, "view"
            ),
        ],
        "Support": [
            *_permissions(PEOPLE, "view"),
            *_permissions({"courses": CREDIT}, "view"),
            *_permissions({"billing": "accessgrant"}, "add", "revoke"),
            *_permissions({"courses": "lessonquestion"}, "view", "change"),
            *_permissions(
                {
                    "courses": (
                        "extraattempts earlyrelease staffcompletion accommodation"
                    )
                },
                "add",
            ),
            *_permissions({"courses": "review"}, "hide"),
            *_permissions({"billing": "stripeevent"}, "replay"),
            *_permissions({"billing": "outboxentry"}, "retry"),
        ],
        "Finance": [
            *_permissions(MONEY, "view"),
            # Who pays: each list of money links to the person.
            *_permissions({"accounts": "user"}, "view"),
            *_permissions({"billing": "accesshold"}, "release"),
            *_permissions({"billing": "invoice"}, "export"),
        ],
    }
    groups = {}
    for name, permissions in rules.items():
        groups[name], _created = Group.objects.get_or_create(name=name)
        groups[name].permissions.set(permissions)
    return groups


def _permissions(models: dict[str, str], *verbs: str) -> list[Permission]:
    return [
        permission
        for app, names in models.items()
        for permission in Permission.objects.filter(
            content_type__app_label=app,
            codename__in=[f"{verb}_{name}" for name in names.split() for verb in verbs],
        )
    ]
